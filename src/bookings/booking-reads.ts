import { Injectable } from '@nestjs/common';
import { decodeCursor, type Page, toPage } from '../common/page.js';
import { type Event, TicketInventoryRepository } from '../events/index.js';
import { ApiKeysService, type Caller, maySee } from '../platform/auth/index.js';
import type { Booking } from './booking.js';
import { type HistoryEntry, toHistory } from './booking-history.js';
import { bookingNotFound } from './bookings.problems.js';
import { BookingChangesRepository } from './store/booking-changes.repository.js';
import { type BookingFilter, BookingsRepository } from './store/bookings.repository.js';

export interface EventBookings {
  readonly event: Event;
  /** All of them, newest first, read as they are taken. */
  readonly bookings: AsyncIterable<Booking>;
}

/** Reads bookings. It changes nothing. */
@Injectable()
export class BookingReads {
  constructor(
    private readonly bookings: BookingsRepository,
    private readonly changes: BookingChangesRepository,
    private readonly keys: ApiKeysService,
    private readonly inventory: TicketInventoryRepository,
  ) {}

  /** Returns the booking as a majority has it. Throws `booking_not_found`, also for a booking that the caller may not see. */
  async get(id: string, caller: Caller): Promise<Booking> {
    const booking = await this.bookings.findById(id);
    if (!booking || !maySee(caller, booking.soldBy)) throw bookingNotFound(id);
    return booking;
  }

  /** Returns a page of bookings, newest first. Throws `validation_failed` for a cursor of another list. */
  async list(filter: BookingFilter, limit: number, cursor: string | undefined): Promise<Page<Booking>> {
    const list = `bookings?${nameOf(filter)}`;
    const after = cursor === undefined ? undefined : decodeCursor(cursor, list);
    const read = await this.bookings.list(filter, after, limit + 1);
    return toPage(read, limit, list, (booking) => ({ at: new Date(booking.bookedAt), id: booking.id }));
  }

  /** Returns a page of what happened to the booking, oldest first. Throws `validation_failed` as `list` does. */
  async history(booking: Booking, limit: number, cursor: string | undefined): Promise<Page<HistoryEntry>> {
    const list = `history of ${booking.id}`;
    const after = cursor === undefined ? -1 : decodeCursor(cursor, list).at.getTime();
    const changes = await this.changes.list(booking.id, after, limit + 1);
    const by = booking.soldBy === undefined ? undefined : await this.keys.nameOf(booking.soldBy);
    const entries = toHistory(booking, by, changes).filter(({ number }) => number > after);
    // Its place is its number.
    return toPage(entries, limit, list, ({ number }) => ({ at: new Date(number), id: booking.id }));
  }

  /** Returns all of them, newest first, read as they are taken. */
  all(filter: BookingFilter): AsyncIterable<Booking> {
    return this.bookings.all(filter);
  }

  /** Returns an event with its bookings. Throws `event_not_found`. */
  async ofEvent(eventId: string): Promise<EventBookings> {
    const event = await this.inventory.getCommitted(eventId);
    return { event, bookings: this.bookings.all({ eventId: event.id }) };
  }
}

/** What the filter asks for, so that a cursor fits no other list. Its older names keep older cursors good. */
function nameOf({ eventId = '', userId = '', ...others }: BookingFilter): string {
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  const rest = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
  return new URLSearchParams({ event: eventId, user: userId, ...rest }).toString();
}
