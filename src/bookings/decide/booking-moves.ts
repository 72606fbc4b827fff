import type { Event } from '../../events/index.js';
import { type Booking, type Line, quantityOf } from '../booking.js';
import type { Draft } from './draft.js';
import { addUserTickets } from './user-tickets.js';

/** Moves tickets of a booking out of what is available or back into it, and counts them for its user. */
export function moveBooking(
  draft: Draft,
  event: Event,
  { id, userId }: Booking,
  kind: 'booked' | 'cancelled',
  lines: readonly Line[],
): void {
  draft.move(
    event.id,
    lines.map(({ sectionId, quantity }) => ({ kind, sectionId, bookingId: id, quantity })),
  );
  addUserTickets(draft, event, userId, kind === 'booked' ? quantityOf(lines) : -quantityOf(lines));
}
