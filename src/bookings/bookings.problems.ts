import type { Instant } from '../common/clock.js';
import { jitteredRetryAfterSeconds, Problem } from '../common/problem.js';

export { overloaded } from '../common/overloaded.js';
export { eventNotFound } from '../events/index.js';

export function bookingNotFound(id: string): Problem {
  return new Problem({
    status: 404,
    code: 'booking_not_found',
    title: 'Booking not found',
    message: 'Booking not found',
    detail: `There is no booking ${id}.`,
  });
}

export function sectionNotFound(id: string, eventId: string): Problem {
  return new Problem({
    status: 404,
    code: 'section_not_found',
    title: 'Section not found',
    message: 'Section not found',
    detail: `The event ${eventId} has no section ${id}.`,
  });
}

export function sectionRequired(): Problem {
  return new Problem({
    status: 400,
    code: 'section_required',
    title: 'Section required',
    message: 'This event has sections: name one',
    detail: 'The event has sections, and the request names none: send sectionId, or items.',
    errors: [{ pointer: '#/sectionId', message: 'sectionId is required for an event with sections' }],
  });
}

export function notOnSale(status: string): Problem {
  return new Problem({
    status: 409,
    code: 'not_on_sale',
    title: 'Not on sale',
    message: 'This event is not on sale',
    detail: `The event's status is ${status}.`,
  });
}

/** The sale begins later. */
export function saleNotStarted(at: Instant): Problem {
  return new Problem({
    status: 409,
    code: 'sale_not_started',
    title: 'Sale not started',
    message: 'The sale of this event has not started',
    detail: `Tickets are sold from ${new Date(at).toISOString()} on.`,
  });
}

export function saleEnded(at: Instant): Problem {
  return new Problem({
    status: 409,
    code: 'sale_ended',
    title: 'Sale ended',
    message: 'The sale of this event has ended',
    detail: `Tickets were sold until ${new Date(at).toISOString()}.`,
  });
}

/** The event allows so many tickets for each booking. */
export function bookingLimitReached(limit: number, wanted: number): Problem {
  return new Problem({
    status: 409,
    code: 'booking_limit_reached',
    title: 'Booking limit reached',
    message: 'This event allows fewer tickets in one booking',
    detail: `The event allows ${limit} tickets for each booking; the request asks for ${wanted}.`,
  });
}

/** Sold out at 0 left, else not enough: the seed has one message for both. */
export function notEnoughTickets(available: number, wanted: number, sectionId: string | undefined): Problem {
  const pool = sectionId === undefined ? 'The event' : `The section ${sectionId}`;
  const isSoldOut = available === 0;
  return new Problem({
    status: 409,
    code: isSoldOut ? 'sold_out' : 'not_enough_tickets',
    title: isSoldOut ? 'Sold out' : 'Not enough tickets',
    message: 'No tickets available',
    detail: `${pool} has ${available} tickets left; the request asks for ${wanted}.`,
  });
}

/** The event allows so many tickets for each user. */
export function userLimitReached(limit: number, had: number, wanted: number): Problem {
  return new Problem({
    status: 409,
    code: 'user_limit_reached',
    title: 'Ticket limit reached',
    message: 'This user has reached the ticket limit of this event',
    detail: `The event allows ${limit} tickets for each user; this user has ${had} and asked for ${wanted}.`,
  });
}

/** The booking, or the hold, does not have so many tickets of the pool. */
export function notEnoughLeft(left: number, wanted: number, sectionId: string | undefined): Problem {
  const pool = sectionId === undefined ? '' : ` of the section ${sectionId}`;
  return new Problem({
    status: 409,
    code: 'not_enough_tickets',
    title: 'Not enough tickets',
    message: 'There are not that many tickets left',
    detail: `There are ${left} tickets${pool} left; the request names ${wanted}.`,
  });
}

/** A cancelled booking has no tickets that could be given to somebody else. */
export function cancelledBooking(): Problem {
  return new Problem({
    status: 409,
    code: 'wrong_state',
    title: 'Wrong state',
    message: 'A booking that is cancelled can not be transferred',
    detail: 'The status of the booking is cancelled: only a confirmed booking can be transferred.',
  });
}

/** Repeating such a request would change more than was asked for. */
export function idempotencyKeyRequired(): Problem {
  return new Problem({
    status: 400,
    code: 'idempotency_key_required',
    title: 'Idempotency key required',
    message: 'Send an Idempotency-Key',
    detail: 'Without an Idempotency-Key, a repetition of this request would return more tickets. Nothing was changed.',
    errors: [{ pointer: '#/Idempotency-Key', message: 'Idempotency-Key is required to cancel a part of a booking' }],
  });
}

/** What another server asked for was not carried out in time, and will not be. No client is told that. */
export function errandExpired(): Problem {
  return new Problem({
    status: 503,
    code: 'errand_expired',
    title: 'Errand expired',
    message: 'This was not done in time, and nothing was changed',
    retryAfterSeconds: 1,
  });
}

/** Requests that came before wait in the queue of the event, and it took too long until all of them were decided. */
export function queuedAhead(): Problem {
  return new Problem({
    status: 503,
    code: 'queued_ahead',
    title: 'Queued ahead',
    message: 'Many people are in the queue for this event, please try again',
    detail:
      'Requests in the queue of the event come first. Nothing was changed. Wait in the queue with `Prefer: respond-async`.',
    retryAfterSeconds: jitteredRetryAfterSeconds(),
  });
}
