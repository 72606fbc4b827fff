import { type Booking, BOOKINGS, purchaseOf, toLine } from '../booking.js';
import { asChanged, BOOKING_CHANGES } from '../booking-change.js';
import { bookingNotFound, cancelledBooking, eventNotFound, userLimitReached } from '../bookings.problems.js';
import { type AboutBooking, bookingLookups, followUser, putChange } from './about-booking.js';
import type { CommandKind } from './command.js';
import { refuse } from './refuse.js';
import { addUserTickets, ticketsOf, userTicketsLookup } from './user-tickets.js';

/** What is left of a booking gets another owner. */
export interface TransferCommand extends AboutBooking {
  readonly kind: 'transfer';
  readonly to: string;
}

export const transfer: CommandKind<TransferCommand, Booking> = {
  kind: 'transfer',

  lookups: (command, known) => [
    ...bookingLookups(command, known),
    ...userTicketsLookup(known.events.get(command.eventId), command.to),
  ],

  follow: followUser,

  decide(command, draft) {
    const { bookingId, changeId, to } = command;
    const booking = draft.find(BOOKINGS, bookingId);
    if (!booking) return refuse(bookingNotFound(bookingId));
    const made = draft.find(BOOKING_CHANGES, changeId);
    if (made) return { kind: 'done', result: asChanged(booking, made), isReplay: false };
    if (booking.userId === to) return { kind: 'done', result: booking, isReplay: false };
    if (booking.status === 'cancelled') return refuse(cancelledBooking());
    const event = draft.findEvent(booking.eventId);
    if (!event) return refuse(eventNotFound(booking.eventId));
    const [limit, { quantity, userId }] = [event.maxTicketsPerUser, booking];
    const had = limit === undefined ? 0 : ticketsOf(draft, event, to);
    if (limit !== undefined && had + quantity > limit) return refuse(userLimitReached(limit, had, quantity));

    const lines = booking.items.map(toLine);
    const changed = { ...booking, userId: to, bought: purchaseOf(booking), changes: booking.changes + 1 };
    draft.move(
      event.id,
      lines.map((line) => ({ kind: 'transferred', bookingId, ...line })),
    );
    addUserTickets(draft, event, userId, -quantity);
    addUserTickets(draft, event, to, quantity);
    putChange(draft, command, changed, {
      kind: 'transferred',
      lines,
      reason: undefined,
      idempotency: undefined,
      from: userId,
    });
    return { kind: 'done', result: changed, isReplay: false };
  },
};
