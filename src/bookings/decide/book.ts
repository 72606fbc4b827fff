import { type Idempotency, idempotencyKeyReused } from '../../common/idempotency.js';
import { asBooked, type Booking, BOOKINGS, type BookingItem, keyName, quantityOf } from '../booking.js';
import { eventNotFound } from '../bookings.problems.js';
import { moveBooking } from './booking-moves.js';
import type { Command, CommandKind, Outcome } from './command.js';
import type { Lookup } from './lookup.js';
import type { Draft } from './draft.js';
import { refuse } from './refuse.js';
import { userTicketsLookup } from './user-tickets.js';
import { findItems, waitForQueue, type Wish } from './wish.js';
import { Problem } from '../../common/problem.js';

/** A wish to book. Its id is decided before the first try, so that a later one can find what an earlier one did. */
export interface BookCommand extends Command, Wish {
  readonly kind: 'book';
  readonly bookingId: string;
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The API key that it is made with, by id. */
  readonly soldBy: string | undefined;
}

export const book: CommandKind<BookCommand, Booking> = {
  kind: 'book',

  lookups({ eventId, bookingId, userId, idempotency }, { events, mayHaveCommitted }): Lookup[] {
    const byId = { table: BOOKINGS.name, eventId, by: 'id', value: bookingId };
    return [
      // Its id is new, unless an earlier attempt has made it.
      ...(mayHaveCommitted ? [byId] : []),
      ...(idempotency ? [{ table: BOOKINGS.name, eventId, by: 'key', value: idempotency.key }] : []),
      ...userTicketsLookup(events.get(eventId), userId),
    ];
  },

  findDone,

  decide(command, draft) {
    const done = findDone(command, draft);
    if (done) return done;
    const event = draft.findEvent(command.eventId);
    if (!event) return refuse(eventNotFound(command.eventId));
    const behind = waitForQueue(command, event, draft);
    if (behind) return behind;
    const items = findItems(command, event, draft);
    if (items instanceof Problem) return refuse(items);

    const booking = toBooking(command, items);
    draft.put(BOOKINGS, booking);
    moveBooking(draft, event, booking, 'booked', items);
    return { kind: 'done', result: booking, isReplay: false };
  },

  soldTickets: ({ quantity }) => quantity,
};

function findDone(command: BookCommand, draft: Draft): Outcome<Booking> | undefined {
  const { bookingId, eventId, idempotency } = command;
  const booked =
    draft.find(BOOKINGS, bookingId) ?? (idempotency && draft.find(BOOKINGS, keyName(eventId, idempotency.key)));
  return booked && replay(command, booked);
}

/** The answer that was given, or should have been, when `booked` was made. */
function replay(command: BookCommand, booked: Booking): Outcome<Booking> {
  if (booked.id === command.bookingId) return { kind: 'done', result: asBooked(booked), isReplay: false };
  if (booked.idempotency?.fingerprint !== command.idempotency?.fingerprint) return refuse(idempotencyKeyReused());
  return { kind: 'done', result: asBooked(booked), isReplay: true };
}

function toBooking(command: BookCommand, items: readonly BookingItem[]): Booking {
  return {
    id: command.bookingId,
    eventId: command.eventId,
    userId: command.userId,
    items,
    quantity: quantityOf(items),
    bought: undefined,
    changes: 0,
    status: 'confirmed',
    bookedAt: command.at,
    cancelledAt: undefined,
    reference: command.reference,
    metadata: command.metadata,
    idempotency: command.idempotency,
    soldBy: command.soldBy,
  };
}
