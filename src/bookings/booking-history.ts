import type { Instant } from '../common/clock.js';
import { type Booking, purchaseOf, quantityOf } from './booking.js';
import type { BookingChange } from './booking-change.js';

/** What happened to a booking. */
export interface HistoryEntry {
  /** 0 for the booking itself; then the changes are counted. */
  readonly number: number;
  readonly kind: 'booked' | BookingChange['kind'];
  readonly at: Instant;
  readonly quantity: number;
  readonly reason: string | undefined;
  /** The name of the API key; undefined where none was asked for, or it is not known. */
  readonly by: string | undefined;
}

/**
 * The history of the booking with these changes, oldest first. `by` is the name of the key that it was made with. A
 * booking that a server of an earlier release has cancelled has no change that says so: it is the last entry.
 */
export function toHistory(
  booking: Booking,
  by: string | undefined,
  changes: readonly BookingChange[],
): readonly HistoryEntry[] {
  const bought = quantityOf(purchaseOf(booking).items);
  const last = changes.at(-1);
  const isWhole = (last?.number ?? 0) >= booking.changes;
  const isUntold = isWhole && booking.status === 'cancelled' && last?.after.lines.length !== 0;
  const unknown = { reason: undefined, by: undefined };
  return [
    { number: 0, kind: 'booked', at: booking.bookedAt, quantity: bought, reason: undefined, by },
    ...changes.map(({ number, kind, at, lines, reason, by: changedBy }): HistoryEntry => {
      return { number, kind, at, quantity: quantityOf(lines), reason, by: changedBy };
    }),
    ...(isUntold && booking.cancelledAt !== undefined
      ? [
          {
            number: booking.changes + 1,
            kind: 'cancelled' as const,
            at: booking.cancelledAt,
            quantity: booking.quantity,
            ...unknown,
          },
        ]
      : []),
  ];
}
