import { mongo } from 'mongoose';
import { type Booking, purchaseOf, quantityOf } from '../../src/bookings/booking.js';
import type { Answer, Api } from './api.js';
import { untilAnswered } from './hold-races.js';
import { compare } from './race.js';
import type { RunningApp } from './start-app.js';

/** Gives a part of a booking back, as often as it takes to be told what became of it. */
export function cancelPart(api: Api, id: string, quantity: number, key: string): Promise<Answer> {
  return untilDone(() => api.post(`/bookings/${id}/cancel`, { quantity }, { 'idempotency-key': key }));
}

/** Gives back all that is left. */
export function cancelAll(api: Api, id: string): Promise<Answer> {
  return untilDone(() => api.post(`/bookings/${id}/cancel`));
}

export function transfer(api: Api, id: string, userId: string): Promise<Answer> {
  return untilDone(() => api.post(`/bookings/${id}/transfer`, { userId }));
}

/**
 * Cancels bookings of the event, as often as it takes until none is left. Returns how many were cancelled, by these
 * answers; NaN where one of them was none.
 */
export async function cancelBookings(api: Api, eventId: string): Promise<number> {
  for (let cancelled = 0; ;) {
    const answer = await untilDone(() => api.post(`/events/${eventId}/cancel-bookings`));
    if (answer.status !== 200) return NaN;
    cancelled += answer.body.cancelled;
    if (answer.body.remaining === 0 || answer.body.cancelled === 0) return cancelled;
  }
}

/** The booking as if nothing of it had been given back, for negative controls. */
export function asBought(booking: Booking): Booking {
  const { items } = purchaseOf(booking);
  return { ...booking, status: 'confirmed', items, quantity: quantityOf(items) };
}

/** The ids of bookings of one event, one for each user. */
export async function bookAll(
  api: Api,
  eventId: string,
  users: readonly string[],
  quantity: number,
): Promise<string[]> {
  const answers = await Promise.all(users.map((userId) => api.bookUntilAnswered(eventId, { userId, quantity })));
  return answers.map(({ body }) => body.booking._id);
}

/** What is wrong where a user does not have exactly so many tickets by the bookings themselves. */
export async function checkTickets(
  { db }: RunningApp,
  eventId: string,
  userId: string,
  expected: number,
): Promise<string[]> {
  const own = await db
    .collection('bookings')
    .find({ eventId: new mongo.ObjectId(eventId), userId, status: 'confirmed' })
    .toArray();
  return compare(
    `tickets of ${userId}`,
    expected,
    own.reduce((sum, { quantity }) => sum + quantity, 0),
  );
}

/** The changes of a booking as they are stored, in their order. */
export function changesOf({ db }: RunningApp, bookingId: string): Promise<mongo.Document[]> {
  return db
    .collection('bookingChanges')
    .find({ bookingId: new mongo.ObjectId(bookingId) })
    .sort({ number: 1 })
    .toArray();
}

/** How many tickets a booking still has, as its answer shows it. */
export function leftIn({ body }: Answer): number {
  const items = (body.booking?.items ?? []) as { quantity: number; cancelledQuantity?: number }[];
  return items.reduce((sum, { quantity, cancelledQuantity = 0 }) => sum + quantity - cancelledQuantity, 0);
}

/** The same key may still be under way. */
function untilDone(send: () => Promise<Answer>): Promise<Answer> {
  return untilAnswered(async () => {
    const answer = await send();
    return answer.body.code === 'idempotency_in_progress' ? { ...answer, status: 503 } : answer;
  });
}
