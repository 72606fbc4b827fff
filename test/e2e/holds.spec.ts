import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { HoldExpiry } from '../../src/holds/index.js';
import { findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { without } from '../support/without.js';

describe('a hold', () => {
  let running: RunningApp;
  beforeAll(async () => void (running = await startApp()));
  afterEach(async () => expect(await findImbalances(running.db)).toEqual([]));
  afterAll(() => running.close());

  const countsOf = async (eventId: string) => {
    const { availableTickets, heldTickets, soldTickets } = (await running.api.get(`/events/${eventId}`)).body.event;
    return { availableTickets, heldTickets, soldTickets };
  };
  const price = { amount: 4_500, currency: 'EUR' };

  it('keeps tickets, is confirmed to a booking of the same id, once', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 5, price });
    const held = await api.hold(event._id, { quantity: 2, reference: 'cart-1', metadata: { a: 'b' } });
    expect(held.status).toBe(201);
    expect(held.headers.get('location')).toBe(`/holds/${held.body.hold._id}`);
    expect(held.body).toEqual({
      success: true,
      hold: {
        _id: expect.any(String),
        eventId: event._id,
        userId: 'user123',
        items: [{ quantity: 2, price }],
        quantity: 2,
        status: 'active',
        expiresAt: expect.any(String),
        expiresInSeconds: 600,
        createdAt: expect.any(String),
        reference: 'cart-1',
        metadata: { a: 'b' },
      },
    });
    expect(await countsOf(event._id)).toEqual({ availableTickets: 3, heldTickets: 2, soldTickets: 0 });

    const { _id } = held.body.hold;
    const confirmed = await api.post(`/holds/${_id}/confirm`);
    expect(confirmed.status).toBe(201);
    expect(confirmed.headers.get('location')).toBe(`/bookings/${_id}`);
    expect(confirmed.body).toMatchObject({
      success: true,
      message: 'Booking successful',
      booking: { _id, quantity: 2, status: 'confirmed', items: [{ quantity: 2, price }], reference: 'cart-1' },
    });
    const again = await api.post(`/holds/${_id}/confirm`);
    expect([again.status, again.body.booking]).toEqual([200, confirmed.body.booking]);
    expect(await countsOf(event._id)).toEqual({ availableTickets: 3, heldTickets: 0, soldTickets: 2 });
    expect((await api.get(`/holds/${_id}`)).body.hold).toMatchObject({ status: 'confirmed', bookingId: _id });
    expectProblem(await api.post(`/holds/${_id}/release`), 409, 'wrong_state');
    expect((await api.post(`/bookings/${_id}/cancel`)).status).toBe(200);
    expect(await countsOf(event._id)).toEqual({ availableTickets: 5, heldTickets: 0, soldTickets: 0 });
  });

  it('may be confirmed in part: the rest is available again', async () => {
    const { api } = running;
    const event = await api.createEvent({
      sections: [
        { name: 'Stalls', capacity: 4 },
        { name: 'Balcony', capacity: 4 },
      ],
    });
    const [stalls, balcony] = event.sections.map(({ _id }: { _id: string }) => _id);
    const items = [
      { sectionId: stalls, quantity: 2 },
      { sectionId: balcony, quantity: 3 },
    ];
    const { _id } = (await api.hold(event._id, { items })).body.hold;
    expectProblem(
      await api.post(`/holds/${_id}/confirm`, { sectionId: stalls, quantity: 3 }),
      409,
      'not_enough_tickets',
    );
    expectProblem(await api.post(`/holds/${_id}/confirm`, { quantity: 1 }), 400, 'section_required');
    const { status, body } = await api.post(`/holds/${_id}/confirm`, { items: [{ sectionId: balcony, quantity: 1 }] });
    expect([status, body.booking.items]).toEqual([201, [{ sectionId: balcony, quantity: 1 }]]);
    expect(await countsOf(event._id)).toEqual({ availableTickets: 7, heldTickets: 0, soldTickets: 1 });
  });

  it('is released exactly once, and its tickets go to the next', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 1 });
    const { _id } = (await api.hold(event._id)).body.hold;
    expectProblem(await api.book(event._id), 409, 'sold_out');
    const answers = await Promise.all([1, 2, 3].map(() => api.post(`/holds/${_id}/release`)));
    expect(answers.map(({ status, body }) => [status, body.hold.status])).toEqual(Array(3).fill([200, 'released']));
    expect((await api.book(event._id)).status).toBe(201);
    expectProblem(await api.post(`/holds/${_id}/confirm`), 409, 'wrong_state');
  });

  it('ends when its time has come, without a job: the next caller gets its tickets', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 2 });
    const { _id } = (await api.hold(event._id, { quantity: 2, ttlSeconds: 1 })).body.hold;
    expectProblem(await api.book(event._id), 409, 'sold_out');
    await until('the end of the hold', async () => (await api.get(`/holds/${_id}`)).body.hold.status === 'expired');
    expect((await api.book(event._id, { quantity: 2 })).status).toBe(201);
    expectProblem(await api.post(`/holds/${_id}/confirm`), 410, 'hold_expired');
    expectProblem(await api.post(`/holds/${_id}/extend`, { ttlSeconds: 10 }), 410, 'hold_expired');
  });

  it('that is overdue counts as available in the list of events, which starts its end', async () => {
    const { api, db } = running;
    const isListed = async (eventId: string, query: string) =>
      (await api.get(`/events?${query}`)).body.events.some(({ _id }: { _id: string }) => _id === eventId);
    const isOver = async (holdId: string) => (await api.get(`/holds/${holdId}`)).body.hold.status === 'expired';
    const stored = (eventId: string) => db.collection('events').findOne({ _id: new mongo.ObjectId(eventId) });

    const kept = await api.createEvent({ totalTickets: 1 });
    await api.hold(kept._id);
    for (const query of ['available=true', 'limit=50']) {
      const event = await api.createEvent({ totalTickets: 1 });
      const { _id } = (await api.hold(event._id, { ttlSeconds: 1 })).body.hold;
      await until('the end of the hold', () => isOver(_id));
      expect((await stored(event._id))!['availableTickets']).toBe(0);
      expect(await isListed(event._id, query)).toBe(true);
      // Nothing else ends it here: the pulse does not run.
      await until('its ticket is available', async () => (await stored(event._id))!['availableTickets'] === 1);
    }
    expect(await isListed(kept._id, 'available=true')).toBe(false);
    expect(await isListed(kept._id, 'limit=50')).toBe(true);
  });

  it('that is overdue does not delay the list of events', async () => {
    const started: string[] = [];
    const { override } = without('an end of what is under way', HoldExpiry, 'settleFully', () => (eventId) => {
      started.push(eventId);
      return new Promise(() => undefined);
    });
    const other = await startApp({ override });
    const { api } = other;
    const event = await api.createEvent({ totalTickets: 1 });
    const { _id } = (await api.hold(event._id, { ttlSeconds: 1 })).body.hold;
    await until('the end of the hold', async () => (await api.get(`/holds/${_id}`)).body.hold.status === 'expired');
    const { status, body } = await api.get('/events?available=true');
    expect([status, body.events[0]]).toEqual([200, { ...event, availableTickets: 0, heldTickets: 1, revision: 2 }]);
    expect(started).toEqual([event._id]);
    await other.close();
  });

  it('that has ended is bought all the same while its tickets are there', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 2, price });
    const { _id } = (await api.hold(event._id, { ttlSeconds: 1 })).body.hold;
    await until('the end of the hold', async () => (await api.get(`/holds/${_id}`)).body.hold.status === 'expired');
    const { status, body } = await api.post(`/holds/${_id}/confirm`, { paymentReference: 'pay-late' });
    expect([status, body.booking.items]).toEqual([201, [{ quantity: 1, price }]]);
    expect((await api.get(`/holds/${_id}`)).body.hold).toMatchObject({ status: 'confirmed', settlement: 'booked' });
  });

  it('never leaves a payment without an end', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 1 });
    const { _id } = (await api.hold(event._id, { ttlSeconds: 1 })).body.hold;
    await until('the end of the hold', async () => (await api.get(`/holds/${_id}`)).body.hold.status === 'expired');
    const booked = await api.book(event._id);
    const confirm = (paymentReference: string) => api.post(`/holds/${_id}/confirm`, { paymentReference });
    for (let time = 0; time < 2; time++) expectProblem(await confirm('pay-1'), 410, 'hold_expired');
    await api.post(`/bookings/${booked.body.booking._id}/cancel`);
    // What was refused is refunded, whatever happens later; another payment may buy.
    expectProblem(await confirm('pay-1'), 410, 'hold_expired');
    expect((await confirm('pay-2')).status).toBe(201);
    for (let time = 0; time < 2; time++) expectProblem(await confirm('pay-3'), 409, 'already_paid');
    expectProblem(await confirm('pay-1'), 410, 'hold_expired');
    expect((await confirm('pay-2')).status).toBe(200);
    expect((await api.get(`/holds/${_id}`)).body.hold.settlements).toEqual([
      { paymentReference: 'pay-1', outcome: 'refund_due', at: expect.any(String) },
      { paymentReference: 'pay-2', outcome: 'booked', at: expect.any(String) },
      { paymentReference: 'pay-3', outcome: 'refund_due', at: expect.any(String) },
    ]);
    const other = (await api.hold((await api.createEvent())._id)).body.hold;
    const reused = await api.post(`/holds/${other._id}/confirm`, { paymentReference: 'pay-2' });
    expectProblem(reused, 422, 'payment_reference_reused');
  });

  it('is extended from now, never shortened, and not beyond its limit', async () => {
    const { api } = running;
    const event = await api.createEvent();
    const { _id, expiresAt } = (await api.hold(event._id)).body.hold;
    expect((await api.post(`/holds/${_id}/extend`, { ttlSeconds: 1 })).body.hold.expiresAt).toBe(expiresAt);
    const longer = await api.post(`/holds/${_id}/extend`, { ttlSeconds: 1_200 });
    expect(longer.body.hold.expiresAt > expiresAt).toBe(true);
    expectProblem(await api.post(`/holds/${_id}/extend`, { ttlSeconds: 3_600 }), 409, 'hold_too_long');
  });

  it('counts for the limit of its user, and so do holds themselves', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 20, maxTicketsPerUser: 3 });
    expect((await api.hold(event._id, { quantity: 2 })).status).toBe(201);
    expectProblem(await api.book(event._id, { quantity: 2 }), 409, 'user_limit_reached');
    expect((await api.book(event._id)).status).toBe(201);

    const open = await api.createEvent({ totalTickets: 20 });
    for (let count = 0; count < 5; count++) expect((await api.hold(open._id)).status).toBe(201);
    expectProblem(await api.hold(open._id), 409, 'too_many_holds');
  });

  it('made with a key is made once, and the first answer is given again', async () => {
    const { api } = running;
    const event = await api.createEvent();
    const key = { 'idempotency-key': 'hold-1' };
    const first = await api.hold(event._id, {}, key);
    await api.post(`/holds/${first.body.hold._id}/extend`, { ttlSeconds: 1_200 });
    const second = await api.hold(event._id, {}, key);
    expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(second.body.hold).toMatchObject({ _id: first.body.hold._id, expiresAt: first.body.hold.expiresAt });
    expectProblem(await api.hold(event._id, { quantity: 2 }, key), 422, 'idempotency_key_reused');

    const confirm = () => api.post(`/holds/${first.body.hold._id}/confirm`, {}, { 'idempotency-key': 'confirm-1' });
    expect((await confirm()).status).toBe(201);
    const replayed = await confirm();
    expect([replayed.status, replayed.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  });
});
