import type { Instant } from '../../common/clock.js';
import { type Booking, BOOKINGS } from '../booking.js';
import { bookingNotFound, eventNotFound, sectionNotFound } from '../bookings.problems.js';
import { moveBooking } from './booking-moves.js';
import type { Command, CommandKind } from './command.js';
import { findPool } from './draft.js';
import { refuse } from './refuse.js';
import { userTicketsLookup } from './user-tickets.js';

export interface CancelCommand extends Command {
  readonly kind: 'cancel';
  readonly bookingId: string;
  /** Whose booking it is. */
  readonly userId: string | null;
  readonly at: Instant;
}

export const cancel: CommandKind<CancelCommand, Booking> = {
  kind: 'cancel',

  lookups({ eventId, bookingId, userId }, { events }) {
    const byId = { table: BOOKINGS.name, eventId, by: 'id', value: bookingId };
    return [byId, ...userTicketsLookup(events.get(eventId), userId)];
  },

  decide({ bookingId, at }, draft) {
    const booking = draft.find(BOOKINGS, bookingId);
    if (!booking) return refuse(bookingNotFound(bookingId));
    if (booking.status === 'cancelled') return { kind: 'done', result: booking, isReplay: false };
    const event = draft.findEvent(booking.eventId);
    if (!event) return refuse(eventNotFound(booking.eventId));
    const gone = booking.items.find(({ sectionId }) => !findPool(event, sectionId));
    if (gone) return refuse(sectionNotFound(gone.sectionId ?? 'without an id', event.id));
    const cancelled: Booking = { ...booking, status: 'cancelled', cancelledAt: at };
    draft.put(BOOKINGS, cancelled);
    moveBooking(draft, event, cancelled, 'cancelled');
    return { kind: 'done', result: cancelled, isReplay: false };
  },

  soldTickets: ({ quantity }) => -quantity,
};
