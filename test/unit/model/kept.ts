import { isDeepStrictEqual } from 'node:util';
import { type Booking, type Line, purchaseOf, sumByPool } from '../../../src/bookings/booking.js';

/** What somebody has of a booking. */
export interface Kept {
  readonly userId: string;
  /** What is left; in a cancelled booking, what was left before. */
  readonly lines: readonly Line[];
  readonly status: Booking['status'];
  readonly cancelledAt: number | undefined;
  readonly changes: number;
  readonly bought: { readonly userId: string; readonly lines: readonly Line[] };
}

/** All that was wished for. */
export function keptOf(wish: { readonly userId: string; readonly lines: readonly Line[] }): Kept {
  const bought = { userId: wish.userId, lines: sumByPool(wish.lines) };
  return { ...bought, status: 'confirmed', cancelledAt: undefined, changes: 0, bought };
}

/** What is left when these tickets are given back. */
export function withoutLines(kept: Kept, returned: readonly Line[], at: number): Kept {
  const changes = kept.changes + 1;
  const gone = (sectionId: string | undefined) => returned.find((line) => line.sectionId === sectionId)?.quantity ?? 0;
  const lines = kept.lines
    .map(({ sectionId, quantity }) => ({ sectionId, quantity: quantity - gone(sectionId) }))
    .filter(({ quantity }) => quantity > 0);
  return lines.length > 0 ? { ...kept, lines, changes } : { ...kept, status: 'cancelled', cancelledAt: at, changes };
}

/** Whether a booking of the product says the same. */
export function isAs(booking: Booking, kept: Kept): boolean {
  const { userId, items, quantity, status, cancelledAt, changes } = booking;
  const bought = purchaseOf(booking);
  const said = { userId, lines: toLines(items), status, cancelledAt, changes };
  const whole = { ...said, bought: { userId: bought.userId, lines: toLines(bought.items) } };
  return isDeepStrictEqual(whole, kept) && quantity === items.reduce((sum, item) => sum + item.quantity, 0);
}

function toLines(items: readonly Line[]): Line[] {
  return items.map(({ sectionId, quantity }) => ({ sectionId, quantity }));
}
