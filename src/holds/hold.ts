import type { Instant } from '../common/clock.js';
import type { Idempotency } from '../common/idempotency.js';
import { type BookingItem, keyName, type Table } from '../bookings/index.js';
import type { HoldStatus } from './hold-states.js';

/** The shop's name for a payment, and whose name it is: another shop may use the same one. */
export interface Payment {
  readonly reference: string;
  /** The name of the API key; empty where none is asked for. */
  readonly by: string;
}

/** Why a payment has to be given back: the code of the problem that its first confirmation was refused with. */
export type RefundReason = 'hold_expired' | 'wrong_state' | 'already_paid';

/** What became of a payment: it has bought the tickets, or has to be given back. Never changes. */
export interface Settlement extends Payment {
  readonly outcome: 'booked' | 'refund_due';
  /** Undefined for `booked`, and where an earlier release has stored it. */
  readonly reason: RefundReason | undefined;
  readonly at: Instant;
  /** When the shop has said that the refund was paid. */
  readonly settledAt: Instant | undefined;
}

/** Tickets that are kept for a user until a moment. Confirmed, it becomes a booking with the same id. */
export interface Hold {
  readonly id: string;
  readonly eventId: string;
  readonly userId: string;
  /** At the prices of the moment of holding. */
  readonly items: readonly BookingItem[];
  /** The sum of the items' quantities. */
  readonly quantity: number;
  readonly status: HoldStatus;
  readonly createdAt: Instant;
  /** For how long it was made; extensions come on top. */
  readonly ttlSeconds: number;
  readonly expiresAt: Instant;
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The API key that it was made with, by id. */
  readonly soldBy: string | undefined;
  readonly settlements: readonly Settlement[];
  /** Whether it is offered to who waited: its id is that of the entry in the waitlist. */
  readonly isOffer: boolean;
}

/** Holds are found by their id, by the idempotency key that they were made with, and by their payments. */
export const HOLDS: Table<Hold> = {
  name: 'holds',
  namesOf: ({ id, eventId, idempotency, settlements }) => [
    id,
    ...(idempotency ? [keyName(eventId, idempotency.key)] : []),
    ...settlements.map(paymentName),
  ],
};

export function paymentName({ by, reference }: Payment): string {
  return `payment ${JSON.stringify([by, reference])}`;
}

/** The hold as it was when it was made. */
export function asHeld(hold: Hold): Hold {
  return { ...hold, status: 'active', expiresAt: hold.createdAt + hold.ttlSeconds * 1_000, settlements: [] };
}

/** Whether the payment still has to be given back. */
export function isRefundDue({ outcome, settledAt }: Settlement): boolean {
  return outcome === 'refund_due' && settledAt === undefined;
}
