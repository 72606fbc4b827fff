import type { Draft, Lookup } from '../../bookings/index.js';
import type { Event } from '../../events/index.js';
import { ENTRIES, type Entry } from '../entry.js';

/** Tickets of a pool that go to those who wait for it. */
export interface Loose {
  readonly sectionId: string | undefined;
  readonly quantity: number;
  /** Up to this number, nobody could have them. */
  readonly after: number;
  /** How many entries of each quantity are read at least. */
  readonly readOn: number;
}

/** Which entries of a pool are read: of each quantity, the first `limit` after a number. */
export interface QueueQuery {
  readonly sectionId: string | undefined;
  readonly after: number;
  readonly limits: readonly { readonly quantity: number; readonly limit: number }[];
}

/** As many entries as such tickets could be for: of each quantity, those that would use all of them up. */
export function queueLookup(event: Event, { sectionId, quantity, after, readOn }: Loose, maxQuantity: number): Lookup {
  const limits = upTo(Math.min(quantity, maxQuantity)).map((each) => {
    return { quantity: each, limit: Math.max(readOn, Math.floor(quantity / each)) };
  });
  const query: QueueQuery = { sectionId, after: Math.max(after, event.waitlist?.endedUpTo ?? 0), limits };
  return { table: ENTRIES.name, eventId: event.id, by: 'pool', value: JSON.stringify(query) };
}

/** Those who wait for a pool, in their order, as far as they were read. */
export class Queue {
  /** The entries after the first number, by number. */
  readonly entries: readonly Entry[];
  /** Up to which number all entries of a quantity were read. */
  private readonly readUpTo: ReadonlyMap<number, number>;

  constructor(
    draft: Draft,
    event: Event,
    { sectionId, after, limits }: QueueQuery,
    /** Where none of the entries was read. */
    private readonly start: number,
  ) {
    const isOfPool = (entry: Entry) =>
      entry.eventId === event.id && entry.sectionId === sectionId && entry.status === 'waiting' && entry.number > after;
    const read = draft.listRead(ENTRIES).filter(isOfPool);
    this.entries = draft.list(ENTRIES).filter(isOfPool).sort(byNumber);
    this.readUpTo = new Map(
      limits.map(({ quantity, limit }) => {
        const numbers = read.filter((entry) => entry.quantity === quantity).sort(byNumber);
        return [quantity, numbers[limit - 1]?.number ?? Infinity];
      }),
    );
  }

  /** Up to which number every entry was read that wants at most so many tickets. */
  knownFor(tickets: number, maxQuantity: number): number {
    const quantities = upTo(Math.min(tickets, maxQuantity));
    return Math.min(...quantities.map((quantity) => this.readUpTo.get(quantity) ?? this.start), Infinity);
  }
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

function byNumber(one: Entry, other: Entry): number {
  return one.number - other.number;
}
