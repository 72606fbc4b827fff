import type { Problem } from '../common/problem.js';
import type { Event, Movement, MovementLine, Section } from '../events/index.js';
import type { Booking, BookingItem, Line } from './booking.js';
import {
  bookingNotFound,
  eventNotFound,
  notEnoughTickets,
  notOnSale,
  sectionNotFound,
  sectionRequired,
} from './bookings.problems.js';

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
  readonly at: Date;
}

export interface CancelCommand {
  readonly kind: 'cancel';
  readonly bookingId: string;
  readonly eventId: string;
  readonly at: Date;
}

export type Command = BookCommand | CancelCommand;

/** What the commands are decided on: their events, and the bookings that they name or may have made before. */
export interface Books {
  readonly events: ReadonlyMap<string, Event>;
  readonly bookings: ReadonlyMap<string, Booking>;
}

/** What becomes of one command: the booking as it is then, or the reason why not. */
export type Outcome =
  { readonly kind: 'done'; readonly booking: Booking } | { readonly kind: 'refused'; readonly problem: Problem };

/** All that has to be written for the outcomes to be true. */
export interface Plan {
  /** One for each command, in their order. */
  readonly outcomes: readonly Outcome[];
  readonly newBookings: readonly Booking[];
  readonly cancelledBookings: readonly Booking[];
  /** One for each event that is written. */
  readonly movements: readonly Movement[];
  /** The events that it was decided on, by id. */
  readonly events: ReadonlyMap<string, Event>;
}

/**
 * Decides `commands` on what `books` says, first come, first served: each by itself, and all of it or nothing.
 * In a rerun every event is written even where nothing moves: should an earlier run still be on its way to the database,
 * it conflicts with this one instead of coming true behind a refusal's back.
 */
export function planBookings(commands: readonly Command[], books: Books, isRerun: boolean): Plan {
  const draft = new Draft(books);
  const outcomes = commands.map((command) => decide(command, draft));
  const touched = isRerun ? commands.map((command) => command.eventId) : [];
  return {
    outcomes,
    newBookings: draft.newBookings,
    cancelledBookings: draft.cancelledBookings,
    movements: draft.toMovements(touched),
    events: books.events,
  };
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
  const booked = draft.findBooking(command.bookingId);
  if (booked) return { kind: 'done', booking: booked };
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
  const booking: Booking = {
    id: command.bookingId,
    eventId: event.id,
    userId: command.userId,
    items,
    quantity: items.reduce((sum, item) => sum + item.quantity, 0),
    status: 'confirmed',
    bookedAt: command.at,
    cancelledAt: undefined,
    reference: command.reference,
    metadata: command.metadata,
  };
  draft.book(booking);
  return { kind: 'done', booking };
}

function decideCancel(command: CancelCommand, draft: Draft): Outcome {
  const booking = draft.findBooking(command.bookingId);
  if (!booking) return refuse(bookingNotFound(command.bookingId));
  if (booking.status === 'cancelled') return { kind: 'done', booking };
  if (!draft.findEvent(booking.eventId)) return refuse(eventNotFound(booking.eventId));
  const cancelled: Booking = { ...booking, status: 'cancelled', cancelledAt: command.at };
  draft.cancel(cancelled);
  return { kind: 'done', booking: cancelled };
}

function refuse(problem: Problem): Outcome {
  return { kind: 'refused', problem };
}

/** The pool that a line names: a section, or the event itself where it has none. */
function findPool(event: Event, sectionId: string | undefined): Event | Section | undefined {
  if (sectionId !== undefined) return event.sections.find((section) => section.id === sectionId);
  return event.sections.length === 0 ? event : undefined;
}

/** The books with the commands decided so far applied. */
class Draft {
  readonly newBookings: Booking[] = [];
  readonly cancelledBookings: Booking[] = [];
  private readonly bookings: Map<string, Booking>;
  private readonly lines = new Map<string, MovementLine[]>();
  /** How much less, or more, a pool has available than was read; by event and section. */
  private readonly moved = new Map<string, number>();

  constructor(private readonly books: Books) {
    this.bookings = new Map(books.bookings);
  }

  findEvent(id: string): Event | undefined {
    return this.books.events.get(id);
  }

  findBooking(id: string): Booking | undefined {
    return this.bookings.get(id);
  }

  available(event: Event, sectionId: string | undefined): number {
    const pool = findPool(event, sectionId);
    return (pool?.availableTickets ?? 0) + (this.moved.get(poolKey(event.id, sectionId)) ?? 0);
  }

  book(booking: Booking): void {
    this.newBookings.push(booking);
    this.bookings.set(booking.id, booking);
    this.move(booking, 'booked', -1);
  }

  cancel(booking: Booking): void {
    this.cancelledBookings.push(booking);
    this.bookings.set(booking.id, booking);
    this.move(booking, 'cancelled', 1);
  }

  toMovements(touchedEventIds: readonly string[]): Movement[] {
    const eventIds = new Set([...this.lines.keys(), ...touchedEventIds]);
    return [...eventIds].flatMap((eventId) => {
      const event = this.books.events.get(eventId);
      return event ? [{ eventId, revision: event.revision, lines: this.lines.get(eventId) ?? [] }] : [];
    });
  }

  private move(booking: Booking, kind: 'booked' | 'cancelled', sign: 1 | -1): void {
    const lines = this.lines.get(booking.eventId) ?? [];
    for (const { sectionId, quantity } of booking.items) {
      lines.push({ kind, sectionId, bookingId: booking.id, quantity });
      const key = poolKey(booking.eventId, sectionId);
      this.moved.set(key, (this.moved.get(key) ?? 0) + sign * quantity);
    }
    this.lines.set(booking.eventId, lines);
  }
}

function poolKey(eventId: string, sectionId: string | undefined): string {
  return `${eventId}/${sectionId ?? ''}`;
}
