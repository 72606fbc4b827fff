import { IsIn } from 'class-validator';
import { PageQuery } from '../../common/http/page.query.js';
import { IfPresent, IsId, IsInstant, IsReference, IsUserId, toInstant } from '../../common/http/validators.js';
import { invalidInput } from '../../common/problem.js';
import { BOOKING_STATUSES, type BookingStatus } from '../booking.js';
import type { BookingFilter } from '../store/bookings.repository.js';

export class ListBookingsQuery extends PageQuery {
  /** Only bookings of this event. */
  @IfPresent()
  @IsId()
  eventId?: string;

  /** Only bookings of this user; alone, or with `eventId`. */
  @IfPresent()
  @IsUserId()
  userId?: string;

  /** Only bookings with this reference; alone. */
  @IfPresent()
  @IsReference()
  reference?: string;

  /** Only bookings in this state; with `eventId`. */
  @IfPresent()
  @IsIn(BOOKING_STATUSES)
  status?: BookingStatus;

  /** Only bookings made from this moment on; with `eventId`. */
  @IfPresent()
  @IsInstant()
  bookedFrom?: string;

  /** Only bookings made before this moment; with `eventId`. */
  @IfPresent()
  @IsInstant()
  bookedTo?: string;
}

/** Throws `validation_failed` for a combination that no index serves. */
export function toBookingFilter(query: ListBookingsQuery): BookingFilter {
  const { eventId, userId, reference, status, bookedFrom, bookedTo } = query;
  const isRange = bookedFrom !== undefined || bookedTo !== undefined;
  const isOfEvent = eventId !== undefined;
  const narrowed = [userId !== undefined, status !== undefined, isRange].filter(Boolean).length;
  const isServed =
    reference !== undefined
      ? !isOfEvent && narrowed === 0
      : narrowed <= 1 && (isOfEvent || (status === undefined && !isRange));
  if (!isServed) {
    const message =
      'filter by eventId, userId or reference; eventId goes with one of userId, status, and bookedFrom and bookedTo';
    throw invalidInput([{ pointer: '#/eventId', message }]);
  }
  return { eventId, userId, reference, status, bookedFrom: toInstant(bookedFrom), bookedTo: toInstant(bookedTo) };
}
