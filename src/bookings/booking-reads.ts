import { Injectable } from '@nestjs/common';
import { decodeCursor, type Page, toPage } from '../common/page.js';
import { type Caller, maySee } from '../platform/auth/index.js';
import type { Booking } from './booking.js';
import { bookingNotFound } from './bookings.problems.js';
import { type BookingFilter, BookingsRepository } from './store/bookings.repository.js';

/** Reads bookings. It changes nothing. */
@Injectable()
export class BookingReads {
  constructor(private readonly bookings: BookingsRepository) {}

  /** Returns the booking as a majority has it. Throws `booking_not_found`, also for a booking that the caller may not see. */
  async get(id: string, caller: Caller): Promise<Booking> {
    const booking = await this.bookings.findById(id);
    if (!booking || !maySee(caller, booking.soldBy)) throw bookingNotFound(id);
    return booking;
  }

  /** Returns a page of bookings, newest first. Throws `validation_failed` for a cursor of another list. */
  async list(filter: BookingFilter, limit: number, cursor: string | undefined): Promise<Page<Booking>> {
    const named = new URLSearchParams({ event: filter.eventId ?? '', user: filter.userId ?? '' });
    const list = `bookings?${named.toString()}`;
    const after = cursor === undefined ? undefined : decodeCursor(cursor, list);
    const read = await this.bookings.list(filter, after, limit + 1);
    return toPage(read, limit, list, (booking) => ({ at: new Date(booking.bookedAt), id: booking.id }));
  }

  /** Returns all of them, newest first, read as they are taken. */
  all(filter: BookingFilter): AsyncIterable<Booking> {
    return this.bookings.all(filter);
  }
}
