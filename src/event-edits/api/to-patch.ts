import { toInstant } from '../../common/http/validators.js';
import { invalidInput, type ProblemDetail } from '../../common/problem.js';
import type { EventPatch, SectionPatch } from '../decide/event-patch.js';
import type { EditEventDto, EditSectionDto } from './edit-event.dto.js';

/** The patch that a body asks for; `nextId` gives each new section its id. Throws `validation_failed`. */
export function toPatch(dto: EditEventDto, nextId: () => string): EventPatch {
  const { startsAt, salesStartAt, salesEndAt, sections, ...rest } = dto;
  if (sections) refuseFaults(sections);
  return present({
    ...rest,
    startsAt: toNullableInstant(startsAt),
    salesStartAt: toNullableInstant(salesStartAt),
    salesEndAt: toNullableInstant(salesEndAt),
    sections: sections?.map((section) => toSectionPatch(section, nextId)),
  });
}

function toSectionPatch({ _id, remove, ...rest }: EditSectionDto, nextId: () => string): SectionPatch {
  return present({ ...rest, id: _id?.toLowerCase() ?? nextId(), isNew: _id === undefined, remove: remove === true });
}

function refuseFaults(sections: readonly EditSectionDto[]): void {
  const faults = sections.flatMap((section, index) => findFaults(section, `#/sections/${index}`));
  const ids = sections.flatMap(({ _id }) => _id?.toLowerCase() ?? []);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) < index);
  if (twice >= 0) faults.push({ pointer: '#/sections', message: `the section ${ids[twice]} is named twice` });
  if (faults.length > 0) throw invalidInput(faults);
}

function findFaults({ _id, name, capacity, price, remove }: EditSectionDto, pointer: string): ProblemDetail[] {
  const isNew = _id === undefined;
  const isLonely = remove === true && (name ?? capacity ?? price) !== undefined;
  return [
    ...(isNew && name === undefined ? [{ pointer: `${pointer}/name`, message: 'a new section needs a name' }] : []),
    ...(isNew && capacity === undefined
      ? [{ pointer: `${pointer}/capacity`, message: 'a new section needs a capacity' }]
      : []),
    ...(isNew && remove === true
      ? [{ pointer: `${pointer}/remove`, message: 'a new section can not be removed' }]
      : []),
    ...(isLonely
      ? [{ pointer: `${pointer}/remove`, message: 'a section that is removed changes in nothing else' }]
      : []),
  ];
}

function toNullableInstant(time: string | null | undefined): number | null | undefined {
  return time === null ? null : toInstant(time);
}

/** Without what is absent: a patch says nothing of it. JSON can say -0, which is 0. */
function present<Patch extends object>(patch: Patch): { [Name in keyof Patch]: Exclude<Patch[Name], undefined> } {
  return JSON.parse(JSON.stringify(patch)) as { [Name in keyof Patch]: Exclude<Patch[Name], undefined> };
}
