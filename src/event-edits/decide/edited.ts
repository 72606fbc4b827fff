import { isDeepStrictEqual } from 'node:util';
import type { Draft } from '../../bookings/index.js';
import { invalidInput, Problem, type ProblemDetail } from '../../common/problem.js';
import {
  type Event,
  type EventChanges,
  findWindowFaults,
  MAX_CAPACITY,
  mayBecome,
  type MovementLine,
} from '../../events/index.js';
import { METADATA_PAIRS_MAX } from '../../common/pairs.js';
import { wrongEventState } from '../event-edits.problems.js';
import { toCapacity } from './capacity.js';
import { type EditedSections, editSections, mergePrice } from './edited-sections.js';
import type { EventPatch } from './event-patch.js';

/** What an edit changes: nothing where both are empty. */
export interface Edit {
  readonly changes: EventChanges;
  readonly lines: readonly MovementLine[];
}

/** What the patch changes of the event; the problem where that can't be. */
export function toEdit(event: Event, patch: EventPatch, draft: Draft): Edit | Problem {
  const { status = event.status } = patch;
  if (!mayBecome(event.status, status)) return wrongEventState(event.status, status);
  const misplaced = findMisplaced(event, patch);
  if (misplaced.length > 0) return invalidInput(misplaced);
  const price = mergePrice(event.price, patch.price, '#');
  if (price instanceof Problem) return price;
  const edited = patch.sections ? editSections(event, patch.sections, draft) : editTotal(event, patch, draft);
  if (edited instanceof Problem) return edited;

  const { name = event.name, metadata } = patch;
  const after = {
    name,
    status,
    price,
    sections: edited.sections,
    startsAt: merge(event.startsAt, patch.startsAt),
    salesStartAt: merge(event.salesStartAt, patch.salesStartAt),
    salesEndAt: merge(event.salesEndAt, patch.salesEndAt),
    maxTicketsPerUser: merge(event.maxTicketsPerUser, patch.maxTicketsPerUser),
    maxTicketsPerBooking: merge(event.maxTicketsPerBooking, patch.maxTicketsPerBooking),
    reference: merge(event.reference, patch.reference),
    metadata: metadata ? mergeMetadata(event.metadata, metadata) : merge(event.metadata, metadata),
  };
  const faults = [...findWindowFaults(after), ...findExcess(event, after, edited)];
  if (faults.length > 0) return invalidInput(faults);
  const isChanged = ([key, value]: [string, unknown]) => !isDeepStrictEqual(value, event[key as keyof Event]);
  return { changes: Object.fromEntries(Object.entries(after).filter(isChanged)), lines: edited.lines };
}

/** What only the other kind of event has: none changes into the other. */
function findMisplaced({ sections }: Event, patch: EventPatch): ProblemDetail[] {
  const hasSections = sections.length > 0;
  const message = hasSections ? 'belongs to the sections of this event' : 'this event has no sections';
  const names = hasSections ? (['totalTickets', 'price'] as const) : (['sections'] as const);
  return names.flatMap((name) =>
    patch[name] === undefined ? [] : [{ pointer: `#/${name}`, message: `${name}: ${message}` }],
  );
}

function editTotal(
  event: Event,
  { totalTickets = event.totalTickets }: EventPatch,
  draft: Draft,
): EditedSections | Problem {
  const { sections } = event;
  if (sections.length > 0) return { sections, lines: [] };
  const lines = toCapacity(event, undefined, event.totalTickets, totalTickets, draft);
  return lines instanceof Problem ? lines : { sections, lines };
}

function findExcess(
  event: Event,
  { metadata = {} }: Pick<Event, 'metadata'>,
  { lines }: EditedSections,
): ProblemDetail[] {
  const more = lines.reduce((sum, { kind, quantity }) => sum + (kind === 'added' ? quantity : -quantity), 0);
  const pairs = Object.keys(metadata).length;
  return [
    ...(event.totalTickets + more > MAX_CAPACITY
      ? [{ pointer: '#/sections', message: `the capacities must sum to at most ${MAX_CAPACITY}` }]
      : []),
    ...(pairs > METADATA_PAIRS_MAX
      ? [{ pointer: '#/metadata', message: `metadata has at most ${METADATA_PAIRS_MAX} pairs` }]
      : []),
  ];
}

function merge<Value>(value: Value | undefined, patch: Value | null | undefined): Value | undefined {
  return patch === undefined ? value : (patch ?? undefined);
}

function mergeMetadata(
  metadata: Event['metadata'],
  patch: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const merged = Object.entries<string | null>({ ...metadata, ...patch });
  return Object.fromEntries(merged.filter((pair): pair is [string, string] => pair[1] !== null));
}
