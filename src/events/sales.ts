import { assert } from '../common/assert.js';
import type { Instant } from '../common/clock.js';
import { invalidInput } from '../common/problem.js';
import type { Event, TicketCounts } from './event.js';
import { type Change, type MovementKind, sumLines } from './inventory/movement.js';

export const BUCKETS_MAX = 500;
const DAY_SECONDS = 86_400;
export const STEP_SECONDS_MAX = 10_000 * DAY_SECONDS;
/** The steps that are chosen from, in seconds; longer ones are whole days. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, DAY_SECONDS];

/** What a caller asks for; undefined for the default. */
export interface SalesWish {
  readonly from: Instant | undefined;
  readonly to: Instant | undefined;
  readonly stepSeconds: number | undefined;
}

/** A time in buckets of equal length; the last one is shorter where the step does not divide the time. */
export interface SalesRange {
  /** Is before the first bucket. */
  readonly from: Instant;
  /** Is in the last bucket. */
  readonly to: Instant;
  readonly stepSeconds: number;
  /** How many there are. */
  readonly buckets: number;
  /** Whether `to` is now. Then the clock of another server may have written later times, which belong to the last bucket. */
  readonly endsNow: boolean;
}

/** How many tickets moved in one bucket by movements of one kind. */
export interface MovedTickets {
  /** Counted from 0; the number of buckets for what is later than all of them. */
  readonly bucket: number;
  readonly kind: MovementKind;
  readonly quantity: number;
}

const SHOWN_KINDS = ['booked', 'confirmed', 'cancelled', 'held', 'released', 'expired', 'imported'] as const;
type ShownKind = (typeof SHOWN_KINDS)[number];

/** The counts at the end of a bucket, and how many tickets moved within it, by kind. */
export interface SalesBucket extends TicketCounts, Readonly<Record<ShownKind, number>> {
  readonly at: Instant;
  readonly totalTickets: number;
}

type Counts = TicketCounts & Pick<Event, 'totalTickets'>;

/** The range that is meant. Throws `validation_failed` for one without time in it, or of more than 500 buckets. */
export function rangeOf(
  wish: SalesWish,
  { salesStartAt, createdAt }: Pick<Event, 'salesStartAt' | 'createdAt'>,
  now: Instant,
): SalesRange {
  const to = Math.min(wish.to ?? now, now);
  const opened = salesStartAt !== undefined && salesStartAt < now ? salesStartAt : createdAt.getTime();
  // An event that was made in this millisecond has a past, too.
  const from = wish.from ?? Math.min(opened, now - 1);
  if (from >= to) {
    throw invalidInput([{ pointer: '#/from', message: 'from must be before to, which is now at the latest' }]);
  }
  const stepSeconds = wish.stepSeconds ?? chooseStep(to - from);
  const buckets = countBuckets(to - from, stepSeconds);
  if (buckets > BUCKETS_MAX) {
    const least = Math.ceil((to - from) / BUCKETS_MAX / 1_000);
    const message = `step makes ${buckets} buckets of this time, and at most ${BUCKETS_MAX} are allowed: it must be at least ${least}`;
    throw invalidInput([{ pointer: '#/step', message }]);
  }
  return { from, to, stepSeconds, buckets, endsNow: to === now };
}

/**
 * The buckets of `range`, oldest first. `counts` are those of the event now; going back from them takes only what moved
 * since the range began.
 */
export function toBuckets(counts: Counts, range: SalesRange, moved: readonly MovedTickets[]): SalesBucket[] {
  const byBucket: MovedTickets[][] = Array.from({ length: range.buckets + 1 }, () => []);
  for (const each of moved) byBucket[each.bucket]?.push(each);
  const movedIn = (bucket: number) => byBucket[bucket] ?? [];
  const buckets: SalesBucket[] = [];
  let state = minus(counts, changeOf(movedIn(range.buckets)));
  for (let bucket = range.buckets - 1; bucket >= 0; bucket--) {
    assertBalanced(state);
    const at = Math.min(range.from + (bucket + 1) * range.stepSeconds * 1_000, range.to);
    buckets.push({ at, ...state, ...shown(movedIn(bucket)) });
    state = minus(state, changeOf(movedIn(bucket)));
  }
  return buckets.reverse();
}

function chooseStep(milliseconds: number): number {
  const fitting = STEPS.find((step) => countBuckets(milliseconds, step) <= BUCKETS_MAX);
  return fitting ?? DAY_SECONDS * Math.ceil(milliseconds / 1_000 / DAY_SECONDS / BUCKETS_MAX);
}

function countBuckets(milliseconds: number, stepSeconds: number): number {
  return Math.ceil(milliseconds / 1_000 / stepSeconds);
}

function changeOf(moved: readonly MovedTickets[]): Change {
  const lines = moved.map(({ kind, quantity }) => ({ kind, quantity, sectionId: undefined, bookingId: undefined }));
  return sumLines(lines).event;
}

function minus(counts: Counts, change: Change): Counts {
  return {
    totalTickets: counts.totalTickets - change.capacity,
    availableTickets: counts.availableTickets - change.availableTickets,
    heldTickets: counts.heldTickets - change.heldTickets,
    soldTickets: counts.soldTickets - change.soldTickets,
  };
}

function shown(moved: readonly MovedTickets[]): Record<ShownKind, number> {
  const quantityOf = (shownKind: ShownKind) =>
    moved.reduce((sum, { kind, quantity }) => sum + (kind === shownKind ? quantity : 0), 0);
  return Object.fromEntries(SHOWN_KINDS.map((kind) => [kind, quantityOf(kind)])) as Record<ShownKind, number>;
}

function assertBalanced({ totalTickets, availableTickets, heldTickets, soldTickets }: Counts): void {
  assert(totalTickets === availableTickets + heldTickets + soldTickets, 'each bucket is balanced');
}
