import { type Booking, BOOKINGS } from '../../src/bookings/booking.js';
import type { Command, CommandKind } from '../../src/bookings/decide/command.js';
import { refuse } from '../../src/bookings/decide/refuse.js';
import { bookingNotFound, notEnoughTickets, sectionNotFound } from '../../src/bookings/bookings.problems.js';

/** Moves the tickets that a booking has of one section to another. */
export interface MoveBetweenSections extends Command {
  readonly kind: 'moveBetweenSections';
  readonly bookingId: string;
  readonly from: string;
  readonly to: string;
}

/** A kind of command that the product does not have: all that it takes to add one. */
export const moveBetweenSections: CommandKind<MoveBetweenSections, Booking> = {
  kind: 'moveBetweenSections',

  lookups: ({ eventId, bookingId }) => [{ table: BOOKINGS.name, eventId, by: 'id', value: bookingId }],

  decide({ eventId, bookingId, from, to }, draft) {
    const booking = draft.find(BOOKINGS, bookingId);
    const event = draft.findEvent(eventId);
    if (!booking || !event || booking.status === 'cancelled') return refuse(bookingNotFound(bookingId));
    const item = booking.items.find(({ sectionId }) => sectionId === from);
    // An earlier attempt has moved it.
    if (!item) return { kind: 'done', result: booking, isReplay: false };
    if (from === to) return { kind: 'done', result: booking, isReplay: false };
    if (!event.sections.some(({ id }) => id === to)) return refuse(sectionNotFound(to, eventId));
    const available = draft.available(event, to);
    if (available < item.quantity) return refuse(notEnoughTickets(available, item.quantity, to));

    const others = booking.items.filter(({ sectionId }) => sectionId !== from && sectionId !== to);
    const there = booking.items.find(({ sectionId }) => sectionId === to)?.quantity ?? 0;
    const moved = { ...booking, items: [...others, { ...item, sectionId: to, quantity: there + item.quantity }] };
    draft.put(BOOKINGS, moved);
    const { quantity } = item;
    draft.move(eventId, [
      { kind: 'cancelled', sectionId: from, bookingId, quantity },
      { kind: 'booked', sectionId: to, bookingId, quantity },
    ]);
    return { kind: 'done', result: moved, isReplay: false };
  },
};
