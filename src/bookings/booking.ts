import type { Instant } from '../common/clock.js';
import type { Idempotency } from '../common/idempotency.js';
import type { Price } from '../events/index.js';
import { type Table, within } from './decide/table.js';

export type BookingStatus = 'confirmed' | 'cancelled';

/** Tickets of one pool, at the price they had. */
export interface BookingItem {
  /** Undefined in an event without sections. */
  readonly sectionId: string | undefined;
  readonly quantity: number;
  readonly price: Price | undefined;
}

export interface Booking {
  readonly id: string;
  readonly eventId: string;
  /** Null in an imported booking whose database did not store users. */
  readonly userId: string | null;
  readonly items: readonly BookingItem[];
  /** The sum of the items' quantities. */
  readonly quantity: number;
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

/** The booking as it was when it was made. */
export function asBooked(booking: Booking): Booking {
  return { ...booking, status: 'confirmed', cancelledAt: undefined };
}

/** So many tickets of one pool. */
export interface Line {
  readonly sectionId: string | undefined;
  readonly quantity: number;
}

/** The lines with those for the same pool made one, in the order in which the pools first appear. */
export function sumByPool(lines: readonly Line[]): Line[] {
  const quantities = new Map<string | undefined, number>();
  for (const { sectionId, quantity } of lines) quantities.set(sectionId, (quantities.get(sectionId) ?? 0) + quantity);
  return [...quantities].map(([sectionId, quantity]) => ({ sectionId, quantity }));
}
