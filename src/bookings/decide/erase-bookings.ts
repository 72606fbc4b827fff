import { type Booking, BOOKINGS, purchaseOf, quantityOf } from '../booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../booking-change.js';
import { type Erasing, type ErasureRule, replaceAll } from './erasure-rule.js';
import { within } from './table.js';

/**
 * Erases a user from bookings and their changes. A change that names the user as a receiver is found by its booking alone, so it
 * is replaced no later than the booking. What the user has given away is found by the change that says so: the last one of all.
 */
export const eraseBookings: ErasureRule = {
  lookups: ({ eventId, userId: value }, limit) => [
    { table: BOOKINGS.name, eventId, by: 'user', value, limit: limit + 1 },
    { table: BOOKING_CHANGES.name, eventId, by: 'from', value, limit: limit + 1 },
  ],

  follow(erasing, documents, limit) {
    const { eventId, userId } = erasing;
    const bookings = (documents.get(BOOKINGS.name) ?? []) as readonly Booking[];
    const changes = (documents.get(BOOKING_CHANGES.name) ?? []) as readonly BookingChange[];
    const own = bookings.filter((booking) => names(booking, erasing)).map(({ id }) => id);
    const given = changes.filter((change) => isGiver(change, erasing)).map(({ bookingId }) => bookingId);
    return [
      ...given.map((value) => ({ table: BOOKINGS.name, eventId, by: 'id', value })),
      ...[...new Set([...own, ...given])].map((bookingId) => ({
        table: BOOKING_CHANGES.name,
        eventId,
        by: 'receiver',
        value: within(bookingId, userId),
        limit: limit + 1,
      })),
    ];
  },

  erase(draft, erasing, limit) {
    const changes = draft.list(BOOKING_CHANGES);
    const received = changes.filter((change) => isReceiver(change, erasing));
    const withoutReceiver = replaceAll(draft, BOOKING_CHANGES, received.slice(0, limit), (change) =>
      eraseChange(change, erasing),
    );
    if (received.length > limit) return { documents: withoutReceiver, tickets: 0, hasMore: true };

    const given = changes.filter((change) => isGiver(change, erasing));
    const last = given.slice(0, limit);
    const givenIds = new Set(last.map(({ bookingId }) => bookingId));
    const own = draft.list(BOOKINGS).filter((booking) => names(booking, erasing));
    const bookings = [
      ...own.filter(({ id }) => givenIds.has(id)),
      ...own.filter(({ id }) => !givenIds.has(id)).slice(0, limit),
    ];
    const counted = bookings.filter(({ status, userId }) => status === 'confirmed' && userId === erasing.userId);
    const isWhole = bookings.length >= own.length && given.length <= limit;
    return {
      documents:
        withoutReceiver +
        replaceAll(draft, BOOKINGS, bookings, (booking) => eraseBooking(booking, erasing)) +
        replaceAll(draft, BOOKING_CHANGES, last, (change) => eraseChange(change, erasing)),
      tickets: quantityOf(counted.flatMap(({ items }) => items)),
      hasMore: !isWhole,
    };
  },
};

/** Whether the booking, at this event, is the user's or was bought by the user. */
function names(booking: Booking, { eventId, userId }: Erasing): boolean {
  return booking.eventId === eventId && (booking.userId === userId || purchaseOf(booking).userId === userId);
}

function isGiver({ eventId, from }: BookingChange, erasing: Erasing): boolean {
  return eventId === erasing.eventId && from === erasing.userId;
}

function isReceiver({ eventId, after }: BookingChange, erasing: Erasing): boolean {
  return eventId === erasing.eventId && after.userId === erasing.userId;
}

/** What the buyer wrote goes with the buyer: the metadata, and the key with the fingerprint of the request. */
function eraseBooking(booking: Booking, { userId, pseudonym }: Erasing): Booking {
  const { bought } = booking;
  const isBuyer = purchaseOf(booking).userId === userId;
  return {
    ...booking,
    userId: booking.userId === userId ? pseudonym : booking.userId,
    bought: bought && { ...bought, userId: bought.userId === userId ? pseudonym : bought.userId },
    ...(isBuyer && { metadata: undefined, idempotency: undefined }),
  };
}

function eraseChange(change: BookingChange, { userId, pseudonym }: Erasing): BookingChange {
  const { from, after } = change;
  return {
    ...change,
    from: from === userId ? pseudonym : from,
    after: { ...after, userId: after.userId === userId ? pseudonym : after.userId },
  };
}
