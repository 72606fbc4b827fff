import { keyName, type Table } from '../bookings/index.js';
import type { Instant } from '../common/clock.js';
import type { Idempotency } from '../common/idempotency.js';
import type { Event } from '../events/index.js';
import type { EntryStatus } from './entry-states.js';
import { saleOf } from './sale.js';

/** Somebody who waits for tickets of one pool. Offered, they become a hold with the same id. */
export interface Entry {
  readonly id: string;
  readonly eventId: string;
  readonly userId: string;
  readonly quantity: number;
  /** Undefined in an event without sections. */
  readonly sectionId: string | undefined;
  /** The place in the order in which the event's entries have joined. */
  readonly number: number;
  readonly status: EntryStatus;
  readonly joinedAt: Instant;
  /** When the tickets were offered. */
  readonly offeredAt: Instant | undefined;
  /** Until when they are. */
  readonly offerExpiresAt: Instant | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The API key that it was made with, by id. */
  readonly soldBy: string | undefined;
}

/** Entries are found by their id, and by the idempotency key that they were made with. */
export const ENTRIES: Table<Entry> = {
  name: 'waitlistEntries',
  namesOf: ({ id, eventId, idempotency }) => (idempotency ? [id, keyName(eventId, idempotency.key)] : [id]),
};

/** What becomes of an entry whose offer has ended so. */
export const ENDS = {
  confirmed: 'accepted',
  released: 'left',
  expired: 'expired',
} as const satisfies Record<string, EntryStatus>;

/** The entry's state at `now`: a sale that has ended ends its entries, and time ends an offer, before that is stored. */
export function statusOf(entry: Entry, event: Event, now: Instant): EntryStatus {
  const over = event.status === 'cancelled' ? 'left' : 'expired';
  if (entry.status === 'waiting') return isOver(entry, event, now) ? over : 'waiting';
  if (entry.status !== 'offered') return entry.status;
  return event.status === 'cancelled' || now >= (entry.offerExpiresAt ?? 0) ? over : 'offered';
}

/** Whether the sale has ended that the entry waits in. */
export function isOver({ number }: Pick<Entry, 'number'>, event: Event, now: Instant): boolean {
  return number <= (event.waitlist?.endedUpTo ?? 0) || saleOf(event, now) === 'over';
}

/** The entry as it was when it joined. */
export function asJoined(entry: Entry): Entry {
  return { ...entry, status: 'waiting', offeredAt: undefined, offerExpiresAt: undefined };
}
