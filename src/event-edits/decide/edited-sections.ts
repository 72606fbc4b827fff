import { type Draft, sectionNotFound, within } from '../../bookings/index.js';
import { invalidInput, Problem, type ProblemDetail } from '../../common/problem.js';
import { toComparable } from '../../common/text.js';
import { type Event, MAX_SECTIONS, type MovementLine, type Price, type Section } from '../../events/index.js';
import { sectionInUse } from '../event-edits.problems.js';
import { toCapacity } from './capacity.js';
import type { PricePatch, SectionPatch } from './event-patch.js';
import { EVENT_USES } from './tables.js';

/** The sections as they will be, with the counts that they have now, and how their capacities change. */
export interface EditedSections {
  readonly sections: readonly Section[];
  readonly lines: readonly MovementLine[];
}

/** The event's sections after these patches; the problem where that can't be. */
export function editSections(event: Event, patches: readonly SectionPatch[], draft: Draft): EditedSections | Problem {
  const byId = new Map(event.sections.map((section) => [section.id, section]));
  const lines: MovementLine[] = [];
  for (const [index, patch] of patches.entries()) {
    const pointer = `#/sections/${index}`;
    const section = byId.get(patch.id) ?? (patch.isNew ? toNew(patch) : undefined);
    if (!section) return sectionNotFound(patch.id, event.id);
    const price = mergePrice(section.price, patch.price, pointer);
    if (price instanceof Problem) return price;
    const isUsed = patch.remove && isInUse(event, section, draft);
    if (isUsed) return sectionInUse(section.id);
    const capacity = toCapacity(
      event,
      section.id,
      section.capacity,
      patch.remove ? 0 : (patch.capacity ?? section.capacity),
      draft,
    );
    if (capacity instanceof Problem) return capacity;
    lines.push(...capacity);
    if (patch.remove) byId.delete(section.id);
    else byId.set(section.id, { ...section, name: patch.name ?? section.name, price });
  }
  const sections = [...byId.values()];
  const faults = findFaults(sections);
  return faults.length > 0 ? invalidInput(faults) : { sections, lines };
}

/** What the price is after the patch; the problem where it is half a price. */
export function mergePrice(
  price: Price | undefined,
  patch: PricePatch | undefined,
  holder: string,
): Price | undefined | Problem {
  if (patch === undefined) return price;
  if (patch === null) return undefined;
  const { amount, currency } = { ...price, ...patch };
  if (amount !== undefined && currency !== undefined) return { amount, currency };
  const missing = amount === undefined ? 'amount' : 'currency';
  return invalidInput([{ pointer: `${holder}/price/${missing}`, message: `a price needs amount and currency` }]);
}

/** It has no tickets until its line gives it some. */
function toNew({ id, name = '' }: SectionPatch): Section {
  return { id, name, capacity: 0, availableTickets: 0, heldTickets: 0, soldTickets: 0, price: undefined };
}

function isInUse(event: Event, { id, capacity }: Section, draft: Draft): boolean {
  return draft.available(event, id) < capacity || draft.find(EVENT_USES, within(event.id, id)) !== undefined;
}

function findFaults(sections: readonly Section[]): ProblemDetail[] {
  const pointer = '#/sections';
  const names = new Set(sections.map(({ name }) => toComparable(name)));
  return [
    ...(sections.length === 0 ? [{ pointer, message: 'an event with sections keeps at least one' }] : []),
    ...(sections.length > MAX_SECTIONS ? [{ pointer, message: `an event has at most ${MAX_SECTIONS} sections` }] : []),
    ...(names.size < sections.length ? [{ pointer, message: 'sections must have names that differ' }] : []),
  ];
}
