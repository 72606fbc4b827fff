import type { Instant } from '../../common/clock.js';
import { type Booking, BOOKINGS, toLine } from '../booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../booking-change.js';
import type { Command, CommandKind, Known } from './command.js';
import type { Lookup } from './lookup.js';
import type { Draft } from './draft.js';
import { userTicketsLookup } from './user-tickets.js';

/** A command that changes one booking. */
export interface AboutBooking extends Command {
  readonly bookingId: string;
  /** Who had the tickets when the command was made. */
  readonly userId: string | null;
  /** The id of the change that it makes, by which a later attempt finds what an earlier one did. */
  readonly changeId: string;
  /** The name of the API key that it is made with. */
  readonly by: string | undefined;
  readonly at: Instant;
}

type Follow = NonNullable<CommandKind<AboutBooking>['follow']>;

/** The booking, what its user has, and the change itself where an earlier attempt may have made it. */
export function bookingLookups(command: AboutBooking, { events, mayHaveCommitted }: Known): Lookup[] {
  const { eventId, bookingId, userId, changeId } = command;
  return [
    { table: BOOKINGS.name, eventId, by: 'id', value: bookingId },
    ...(mayHaveCommitted ? [{ table: BOOKING_CHANGES.name, eventId, by: 'id', value: changeId }] : []),
    ...userTicketsLookup(events.get(eventId), userId),
  ];
}

/** What the user has who got the tickets since the command was made. */
export const followUser: Follow = ({ eventId, bookingId, userId }, { events }, documents) => {
  const bookings = (documents.get(BOOKINGS.name) ?? []) as readonly Booking[];
  const booking = bookings.find(({ id }) => id === bookingId);
  return booking && booking.userId !== userId ? userTicketsLookup(events.get(eventId), booking.userId) : [];
};

/** Puts the booking into the draft as the change has made it, and the change beside it. */
export function putChange(
  draft: Draft,
  command: AboutBooking,
  changed: Booking,
  change: Pick<BookingChange, 'kind' | 'lines' | 'reason' | 'idempotency' | 'from'>,
): void {
  const { changeId: id, bookingId, eventId, at, by } = command;
  const { userId, items, status, changes: number } = changed;
  const lines = status === 'cancelled' ? [] : items.map(toLine);
  draft.put(BOOKINGS, changed);
  draft.put(BOOKING_CHANGES, { id, bookingId, eventId, number, at, by, ...change, after: { userId, lines } });
}
