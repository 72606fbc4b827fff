import { applyMovement, type Event, type Movement, type MovementLine, type Section } from '../../events/index.js';
import type { Booking } from '../booking.js';

/** What the commands are decided on: their events, and the bookings that they name or may have made before. */
export interface Books {
  readonly events: ReadonlyMap<string, Event>;
  /** By id. */
  readonly bookings: ReadonlyMap<string, Booking>;
  /** How many tickets users have, by `within`; only where the event has a limit. */
  readonly userTickets: ReadonlyMap<string, number>;
}

/** Names something that an event has many of: its users in `Books.userTickets`, for one. */
export function within(eventId: string, name: string | null | undefined): string {
  return `${eventId}/${name ?? ''}`;
}

/** The pool that a line names: a section, or the event itself where it has none. */
export function findPool(event: Event, sectionId: string | undefined): Event | Section | undefined {
  if (sectionId !== undefined) return event.sections.find((section) => section.id === sectionId);
  return event.sections.length === 0 ? event : undefined;
}

/** The books with the commands decided so far applied. */
export class Draft {
  readonly newBookings: Booking[] = [];
  readonly cancelledBookings: Booking[] = [];
  private readonly bookings = new Map<string, Booking>();
  private readonly bookingsByKey = new Map<string, Booking>();
  private readonly userTickets: Map<string, number>;
  private readonly lines = new Map<string, MovementLine[]>();
  /** How much less, or more, a pool has available than was read; by event and section. */
  private readonly moved = new Map<string, number>();

  constructor(private readonly books: Books) {
    this.userTickets = new Map(books.userTickets);
    for (const booking of books.bookings.values()) this.note(booking);
  }

  findEvent(id: string): Event | undefined {
    return this.books.events.get(id);
  }

  findBooking(id: string): Booking | undefined {
    return this.bookings.get(id);
  }

  /** The booking of the same event that was made with the same key. */
  findTwin({ eventId, idempotency }: Pick<Booking, 'eventId' | 'idempotency'>): Booking | undefined {
    return idempotency && this.bookingsByKey.get(within(eventId, idempotency.key));
  }

  ticketsOf(eventId: string, userId: string): number {
    return this.userTickets.get(within(eventId, userId)) ?? 0;
  }

  available(event: Event, sectionId: string | undefined): number {
    const pool = findPool(event, sectionId);
    return (pool?.availableTickets ?? 0) + (this.moved.get(within(event.id, sectionId)) ?? 0);
  }

  book(booking: Booking): void {
    this.newBookings.push(booking);
    this.note(booking);
    this.move(booking, 'booked', -1);
  }

  cancel(booking: Booking): void {
    this.cancelledBookings.push(booking);
    this.note(booking);
    this.move(booking, 'cancelled', 1);
  }

  toMovements(touchedEventIds: readonly string[]): Movement[] {
    const eventIds = new Set([...this.lines.keys(), ...touchedEventIds]);
    return [...eventIds].flatMap((eventId) => {
      const event = this.findEvent(eventId);
      return event ? [{ eventId, revision: event.revision, lines: this.lines.get(eventId) ?? [] }] : [];
    });
  }

  toEvents(movements: readonly Movement[]): Event[] {
    return movements.flatMap((movement) => {
      const event = this.findEvent(movement.eventId);
      return event ? [applyMovement(event, movement)] : [];
    });
  }

  private note(booking: Booking): void {
    this.bookings.set(booking.id, booking);
    if (booking.idempotency) this.bookingsByKey.set(within(booking.eventId, booking.idempotency.key), booking);
  }

  private move(booking: Booking, kind: 'booked' | 'cancelled', sign: 1 | -1): void {
    const lines = this.lines.get(booking.eventId) ?? [];
    for (const { sectionId, quantity } of booking.items) {
      lines.push({ kind, sectionId, bookingId: booking.id, quantity });
      add(this.moved, within(booking.eventId, sectionId), sign * quantity);
    }
    this.lines.set(booking.eventId, lines);
    add(this.userTickets, within(booking.eventId, booking.userId), -sign * booking.quantity);
  }
}

function add(sums: Map<string, number>, name: string, by: number): void {
  sums.set(name, (sums.get(name) ?? 0) + by);
}
