import { type Idempotency, idempotencyKeyReused } from '../../common/idempotency.js';
import type { Problem } from '../../common/problem.js';
import type { Event, Movement } from '../../events/index.js';
import { asBooked, type Booking, type BookingItem, type Line } from '../booking.js';
import { type Books, Draft, findPool } from './draft.js';
import {
  bookingNotFound,
  eventNotFound,
  notEnoughTickets,
  notOnSale,
  sectionNotFound,
  sectionRequired,
  userLimitReached,
} from '../bookings.problems.js';

/** A wish to book. Its id is decided before the first try, so that a later one can find what an earlier one did. */
export interface BookCommand {
  readonly kind: 'book';
  readonly bookingId: string;
  readonly eventId: string;
  readonly userId: string;
  /** One line for each pool. */
  readonly lines: readonly Line[];
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The API key that it is made with, by id. */
  readonly soldBy: string | undefined;
  readonly at: Date;
}

export interface CancelCommand {
  readonly kind: 'cancel';
  readonly bookingId: string;
  readonly eventId: string;
  readonly at: Date;
}

export type Command = BookCommand | CancelCommand;

/** The booking as the command wanted it: made by this one, or by an earlier one with the same key. */
export interface Done {
  readonly kind: 'done';
  readonly booking: Booking;
  readonly isReplay: boolean;
}

/** What becomes of one command. */
export type Outcome = Done | { readonly kind: 'refused'; readonly problem: Problem };

/** All that has to be written for the outcomes to be true. */
export interface Plan {
  /** One for each command, in their order. */
  readonly outcomes: readonly Outcome[];
  readonly newBookings: readonly Booking[];
  readonly cancelledBookings: readonly Booking[];
  /** One for each event that is written. */
  readonly movements: readonly Movement[];
  /** The events of the movements as they are then. */
  readonly eventsAfter: readonly Event[];
  /** The events that refuse somebody and are not written, by id. */
  readonly refusing: readonly string[];
}

/**
 * Decides `commands` on what `books` says, first come, first served: each by itself, and all of it or nothing.
 * After a commit whose end is not certain every event is written even where nothing moves: should it still be on its way
 * to the database, it conflicts with this plan instead of coming true behind a refusal's back.
 */
export function planBookings(commands: readonly Command[], books: Books, mayHaveCommitted: boolean): Plan {
  const draft = new Draft(books);
  const outcomes = commands.map((command) => decide(command, draft));
  const touched = mayHaveCommitted ? commands.map((command) => command.eventId) : [];
  const movements = draft.toMovements(touched);
  return {
    outcomes,
    newBookings: draft.newBookings,
    cancelledBookings: draft.cancelledBookings,
    movements,
    eventsAfter: draft.toEvents(movements),
    refusing: findRefusing(commands, outcomes, movements),
  };
}

function findRefusing(commands: readonly Command[], outcomes: readonly Outcome[], movements: readonly Movement[]) {
  const written = new Set(movements.map((movement) => movement.eventId));
  const refusing = commands.filter((_command, index) => outcomes[index]?.kind === 'refused');
  return [...new Set(refusing.map((command) => command.eventId))].filter((id) => !written.has(id));
}

function decide(command: Command, draft: Draft): Outcome {
  switch (command.kind) {
    case 'book':
      return decideBook(command, draft);
    case 'cancel':
      return decideCancel(command, draft);
  }
}

function decideBook(command: BookCommand, draft: Draft): Outcome {
  const booked = draft.findBooking(command.bookingId) ?? draft.findTwin(command);
  if (booked) return replay(command, booked);
  const event = draft.findEvent(command.eventId);
  if (!event) return refuse(eventNotFound(command.eventId));
  if (event.status !== 'on_sale') return refuse(notOnSale(event.status));

  const items: BookingItem[] = [];
  for (const { sectionId, quantity } of command.lines) {
    const pool = findPool(event, sectionId);
    if (pool === undefined) {
      return refuse(sectionId === undefined ? sectionRequired() : sectionNotFound(sectionId, event.id));
    }
    items.push({ sectionId, quantity, price: pool.price });
  }
  const short = items.find((item) => draft.available(event, item.sectionId) < item.quantity);
  if (short) {
    return refuse(notEnoughTickets(draft.available(event, short.sectionId), short.quantity, short.sectionId));
  }
  const quantity = items.reduce((sum, item) => sum + item.quantity, 0);
  const limit = event.maxTicketsPerUser;
  const had = draft.ticketsOf(event.id, command.userId);
  if (limit !== undefined && had + quantity > limit) return refuse(userLimitReached(limit, had, quantity));

  const booking: Booking = {
    id: command.bookingId,
    eventId: event.id,
    userId: command.userId,
    items,
    quantity,
    status: 'confirmed',
    bookedAt: command.at,
    cancelledAt: undefined,
    reference: command.reference,
    metadata: command.metadata,
    idempotency: command.idempotency,
    soldBy: command.soldBy,
  };
  draft.book(booking);
  return { kind: 'done', booking, isReplay: false };
}

/** The answer that was given, or should have been, when `booked` was made. */
function replay(command: BookCommand, booked: Booking): Outcome {
  if (booked.id === command.bookingId) return { kind: 'done', booking: asBooked(booked), isReplay: false };
  if (booked.idempotency?.fingerprint !== command.idempotency?.fingerprint) return refuse(idempotencyKeyReused());
  return { kind: 'done', booking: asBooked(booked), isReplay: true };
}

function decideCancel(command: CancelCommand, draft: Draft): Outcome {
  const booking = draft.findBooking(command.bookingId);
  if (!booking) return refuse(bookingNotFound(command.bookingId));
  if (booking.status === 'cancelled') return { kind: 'done', booking, isReplay: false };
  if (!draft.findEvent(booking.eventId)) return refuse(eventNotFound(booking.eventId));
  const cancelled: Booking = { ...booking, status: 'cancelled', cancelledAt: command.at };
  draft.cancel(cancelled);
  return { kind: 'done', booking: cancelled, isReplay: false };
}

function refuse(problem: Problem): Outcome {
  return { kind: 'refused', problem };
}
