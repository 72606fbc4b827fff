import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { BulkCancellation } from '../../src/bookings/bulk-cancellation.js';
import type { Clock } from '../../src/common/clock.js';
import { findImbalances } from '../support/check-books.js';
import { edit } from '../support/edit-races.js';
import { expectProblem } from '../support/expect-problem.js';
import { times } from '../support/race.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { without } from '../support/without.js';

describe('POST /events/:id/cancel-bookings', () => {
  let running: RunningApp;
  beforeAll(async () => (running = await startApp()));
  afterAll(() => running.close());

  const cancelBookings = (id: string, body?: unknown) => running.api.post(`/events/${id}/cancel-bookings`, body);
  const bookAll = async (eventId: string, users: readonly string[], quantity = 2) => {
    const ids: string[] = [];
    for (const userId of users) ids.push((await running.api.book(eventId, { userId, quantity })).body.booking._id);
    return ids;
  };

  it('cancels every booking as a cancellation does, of a cancelled event too', async () => {
    const { api, db } = running;
    const event = await api.createEvent({ totalTickets: 20, maxTicketsPerUser: 4 });
    const [ann, bob, cid] = (await bookAll(event._id, ['ann', 'bob', 'cid'], 3)) as [string, string, string];
    await api.post(`/bookings/${ann}/cancel`, { quantity: 1 }, { 'idempotency-key': 'part' });
    await api.post(`/bookings/${bob}/transfer`, { userId: 'dan' });
    await api.post(`/bookings/${cid}/cancel`);
    await edit(api, event._id, { status: 'cancelled' });

    const { status, body } = await cancelBookings(event._id, { reason: 'The singer is ill' });
    expect([status, body]).toEqual([200, { success: true, cancelled: 2, remaining: 0 }]);
    for (const id of [ann, bob, cid]) {
      expect((await api.get(`/bookings/${id}`)).body.booking).toMatchObject({ status: 'cancelled', quantity: 3 });
    }
    const { history } = (await api.get(`/bookings/${bob}/history`)).body;
    expect(history.at(-1)).toMatchObject({ kind: 'cancelled', quantity: 3, reason: 'The singer is ill', by: null });
    expect((await api.get(`/events/${event._id}`)).body.event).toMatchObject({ availableTickets: 20, soldTickets: 0 });
    const counts = await db
      .collection('userTickets')
      .find({ eventId: new mongo.ObjectId(event._id as string) })
      .toArray();
    expect(counts.map(({ tickets }) => tickets)).toEqual([0, 0, 0, 0]);
    expect(await findImbalances(db)).toEqual([]);
  });

  it('cancels nothing more when it is called again', async () => {
    const event = await running.api.createEvent({ totalTickets: 10 });
    await bookAll(event._id, ['ann', 'bob']);
    expect((await cancelBookings(event._id)).body).toEqual({ success: true, cancelled: 2, remaining: 0 });
    expect((await cancelBookings(event._id)).body).toEqual({ success: true, cancelled: 0, remaining: 0 });
  });

  it('works at any status of the event, and leaves it as it is', async () => {
    const event = await running.api.createEvent({ totalTickets: 10 });
    await bookAll(event._id, ['ann']);
    expect((await cancelBookings(event._id, {})).body.cancelled).toBe(1);
    expect((await running.api.book(event._id)).status).toBe(201);
  });

  it('leaves other events alone', async () => {
    const [event, other] = [await running.api.createEvent(), await running.api.createEvent()];
    await bookAll(event._id, ['ann']);
    const [id] = await bookAll(other._id, ['ann']);
    await cancelBookings(event._id.toUpperCase());
    expect((await running.api.get(`/bookings/${id}`)).body.booking.status).toBe('confirmed');
  });

  it.each([[{ reason: 'x'.repeat(201) }], [{ reason: ' ' }], [{ quantity: 1 }]])(
    'refuses the body %j',
    async (body) => {
      const event = await running.api.createEvent();
      expectProblem(await cancelBookings(event._id, body), 400, 'validation_failed');
    },
  );

  it('refuses an id that is none, and an event that is none', async () => {
    expectProblem(await cancelBookings('1'), 400, 'validation_failed');
    expectProblem(await cancelBookings('67841f2a3b4c5d6e7f809100'), 404, 'event_not_found');
  });
});

/** For a call, so much time passes between two looks at the clock that every one is its last. */
const hurried = without('time', BulkCancellation, 'run', (run, bulk) => (...request) => {
  let looks = 0;
  const clock = Object.assign(Object.create(bulk['clock']) as Clock, { monotonic: () => (looks += 1) * 10_000 });
  Object.assign(bulk, { clock });
  return run(...request);
});

describe('more bookings than one call can cancel', () => {
  it('are cancelled by further calls, each of which says what is left', async () => {
    const running = await startApp({ override: hurried.override });
    try {
      const { api, db } = running;
      const { _id } = await api.createEvent({ totalTickets: 1_000 });
      await Promise.all(times(250, (user) => api.bookUntilAnswered(_id, { userId: `user${user}` })));
      // Imported bookings may all have the same moment.
      await db.collection('bookings').updateMany({}, { $set: { bookedAt: new Date() } });
      const answers: [cancelled: number, remaining: number][] = [];
      do {
        const { cancelled, remaining } = (await api.post(`/events/${_id}/cancel-bookings`)).body;
        answers.push([cancelled, remaining]);
      } while (answers.at(-1)![1] > 0);
      expect(answers).toEqual([
        [100, 150],
        [100, 50],
        [50, 0],
      ]);
      expect(await findImbalances(db)).toEqual([]);
    } finally {
      await running.close();
    }
  });
});
