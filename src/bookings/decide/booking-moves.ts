import type { Event } from '../../events/index.js';
import type { Booking } from '../booking.js';
import type { Draft } from './draft.js';
import { addUserTickets } from './user-tickets.js';

/** Moves the tickets of a booking out of what is available or back into it, and counts them for its user. */
export function moveBooking(draft: Draft, event: Event, booking: Booking, kind: 'booked' | 'cancelled'): void {
  draft.move(
    event.id,
    booking.items.map(({ sectionId, quantity }) => ({ kind, sectionId, bookingId: booking.id, quantity })),
  );
  addUserTickets(draft, event, booking.userId, kind === 'booked' ? booking.quantity : -booking.quantity);
}
