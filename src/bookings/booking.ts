import type { Instant } from '../common/clock.js';
import type { Idempotency } from '../common/idempotency.js';
import type { Price } from '../events/index.js';
import { type Table, within } from './decide/table.js';

export const BOOKING_STATUSES = ['confirmed', 'cancelled'] as const;
export type BookingStatus = (typeof BOOKING_STATUSES)[number];

/** Tickets of one pool, at the price they had. */
export interface BookingItem {
  /** Undefined in an event without sections. */
  readonly sectionId: string | undefined;
  readonly quantity: number;
  readonly price: Price | undefined;
}

/** What was bought, and for whom. */
export interface Purchase {
  readonly userId: string | null;
  readonly items: readonly BookingItem[];
}

export interface Booking {
  readonly id: string;
  readonly eventId: string;
  /** Who has the tickets. Null in an imported booking whose database did not store users. */
  readonly userId: string | null;
  /** What is left of what was bought; in a cancelled booking, what its last cancellation has returned. */
  readonly items: readonly BookingItem[];
  /** The sum of the items' quantities. */
  readonly quantity: number;
  /** What was bought, where it is no longer what is left or belongs to somebody else. */
  readonly bought: Purchase | undefined;
  /** How many changes it has had since: the number of its last `BookingChange`. */
  readonly changes: number;
  readonly status: BookingStatus;
  readonly bookedAt: Instant;
  readonly cancelledAt: Instant | undefined;
  /** The shop's own name for this booking. */
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The API key that it was made with, by id. */
  readonly soldBy: string | undefined;
}

/** Bookings are found by their id, and by the idempotency key that they were made with. */
export const BOOKINGS: Table<Booking> = {
  name: 'bookings',
  namesOf: ({ id, eventId, idempotency }) => (idempotency ? [id, keyName(eventId, idempotency.key)] : [id]),
};

/** The name by which a draft finds the booking that was made with a key. */
export function keyName(eventId: string, key: string): string {
  return `key ${within(eventId, key)}`;
}

export function purchaseOf({ bought, userId, items }: Booking): Purchase {
  return bought ?? { userId, items };
}

/** The booking as it was when it was made. */
export function asBooked(booking: Booking): Booking {
  const { userId, items } = purchaseOf(booking);
  const [quantity, status] = [quantityOf(items), 'confirmed' as const];
  return { ...booking, userId, items, quantity, status, cancelledAt: undefined, bought: undefined, changes: 0 };
}

/** How many tickets of the pool the booking still has. */
export function leftOf({ status, items }: Booking, sectionId: string | undefined): number {
  if (status === 'cancelled') return 0;
  return items.find((item) => item.sectionId === sectionId)?.quantity ?? 0;
}

/** So many tickets of one pool. */
export interface Line {
  readonly sectionId: string | undefined;
  readonly quantity: number;
}

/** The line alone, of an item for example. */
export function toLine({ sectionId, quantity }: Line): Line {
  return { sectionId, quantity };
}

/** How many tickets that is in all. */
export function quantityOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** The lines with those for the same pool made one, in the order in which the pools first appear. */
export function sumByPool(lines: readonly Line[]): Line[] {
  const quantities = new Map<string | undefined, number>();
  for (const { sectionId, quantity } of lines) quantities.set(sectionId, (quantities.get(sectionId) ?? 0) + quantity);
  return [...quantities].map(([sectionId, quantity]) => ({ sectionId, quantity }));
}
