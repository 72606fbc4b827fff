import type { Instant } from '../common/clock.js';
import type { Idempotency } from '../common/idempotency.js';
import { type Booking, type Line, purchaseOf, quantityOf } from './booking.js';
import { type Table, within } from './decide/table.js';

/** What happened to a booking after it was made. Written once, with the booking; only an erased user is replaced in it. */
export interface BookingChange {
  readonly id: string;
  readonly bookingId: string;
  readonly eventId: string;
  /** Counts the changes of its booking, from 1. */
  readonly number: number;
  readonly kind: 'cancelled' | 'transferred';
  readonly at: Instant;
  /** What was returned, or given to somebody else. */
  readonly lines: readonly Line[];
  readonly reason: string | undefined;
  /** The name of the API key that it was made with; undefined where none is asked for. */
  readonly by: string | undefined;
  readonly idempotency: Idempotency | undefined;
  /** Who gave the tickets away. Undefined where nobody did, and in a transfer that was stored before this was. */
  readonly from: string | null | undefined;
  /** The booking after it: who had what was left. */
  readonly after: { readonly userId: string | null; readonly lines: readonly Line[] };
}

/** Changes are found by their id, and by their key within their booking. */
export const BOOKING_CHANGES: Table<BookingChange> = {
  name: 'bookingChanges',
  namesOf: ({ id, bookingId, idempotency }) => (idempotency ? [id, within(bookingId, idempotency.key)] : [id]),
};

/** The booking as it was after the change: what the request that made it was answered. */
export function asChanged(booking: Booking, { at, after, number, lines }: BookingChange): Booking {
  const isLast = after.lines.length === 0;
  const bought = purchaseOf(booking);
  const left = new Map((isLast ? lines : after.lines).map((line) => [line.sectionId, line.quantity]));
  const items = bought.items.flatMap((item) => {
    const quantity = left.get(item.sectionId);
    return quantity === undefined ? [] : [{ ...item, quantity }];
  });
  return {
    ...booking,
    userId: after.userId,
    items,
    quantity: quantityOf(items),
    bought,
    changes: number,
    status: isLast ? 'cancelled' : 'confirmed',
    cancelledAt: isLast ? at : undefined,
  };
}
