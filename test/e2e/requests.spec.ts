import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { BookingsService } from '../../src/bookings/index.js';
import { FailedRequests, RequestPulse } from '../../src/requests/index.js';
import { findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { decided, emptyQueue, RESPOND_ASYNC, withSilentBell } from '../support/queues.js';
import { type RunningApp, startApp } from '../support/start-app.js';

describe('a request with Prefer: respond-async', () => {
  let running: RunningApp;
  beforeAll(async () => void (running = await startApp()));
  afterEach(async () => expect(await findImbalances(running.db)).toEqual([]));
  afterAll(() => running.close());

  it('is answered by 202 at once, and becomes a booking with its id', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 5 });
    const answer = await api.book(event._id, { userId: 'ann', quantity: 2, reference: 'order-1' }, RESPOND_ASYNC);
    expect(answer.status).toBe(202);
    const { _id } = answer.body.request;
    expect(answer.body).toEqual({
      success: true,
      request: { _id: expect.any(String), eventId: event._id, status: 'queued', position: 1 },
    });
    expect(answer.headers.get('location')).toBe(`/requests/${_id}`);
    expect(answer.headers.get('preference-applied')).toBe('respond-async');
    const request = await decided(api, _id);
    const { booking } = (await api.get(`/bookings/${_id}`)).body;
    expect(request).toEqual({
      _id,
      eventId: event._id,
      userId: 'ann',
      status: 'done',
      position: 0,
      requestedAt: expect.any(String),
      endedAt: expect.any(String),
      booking,
    });
    expect(booking).toMatchObject({ userId: 'ann', quantity: 2, reference: 'order-1', status: 'confirmed' });
  });

  it('becomes a hold with its id', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 5 });
    const answer = await api.hold(event._id, { quantity: 2, ttlSeconds: 60 }, RESPOND_ASYNC);
    expect(answer.status).toBe(202);
    const request = await decided(api, answer.body.request._id);
    expect(request).toMatchObject({ status: 'done', hold: { _id: request._id, quantity: 2, status: 'active' } });
    expect((await api.post(`/holds/${request._id}/confirm`)).status).toBe(201);
  });

  it.each([
    ['respond-async, wait=5', 202],
    ['wait=5, Respond-Async', 202],
    ['respond-async;foo=bar', 202],
    ['return=minimal', 201],
    ['x-respond-async', 201],
    ['', 201],
  ])('is one that says Prefer: %s, or is answered as ever: %i', async (prefer, status) => {
    const event = await running.api.createEvent({ totalTickets: 5 });
    const answer = await running.api.book(event._id, {}, { prefer });
    expect(answer.status).toBe(status);
    if (status === 202) await decided(running.api, answer.body.request._id);
  });

  it('that can not be granted now is refused now, as any other', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 1 });
    await api.book(event._id);
    expectProblem(await api.book(event._id, {}, RESPOND_ASYNC), 409, 'sold_out');
    const paused = await api.createEvent({ totalTickets: 1, status: 'paused' });
    expectProblem(await api.book(paused._id, {}, RESPOND_ASYNC), 409, 'not_on_sale');
    expectProblem(await api.book('67841f2a3b4c5d6e7f809100', {}, RESPOND_ASYNC), 404, 'event_not_found');
    const sections = await api.createEvent({ sections: [{ name: 'Stalls', capacity: 2 }] });
    expectProblem(await api.book(sections._id, {}, RESPOND_ASYNC), 400, 'section_required');
    expectProblem(await api.book(event._id, { quantity: 0 }, RESPOND_ASYNC), 400, 'validation_failed');
    expect(await running.db.collection('requests').countDocuments({ eventId: event._id })).toBe(0);
  });

  it('is not found where there is none', async () => {
    expectProblem(await running.api.get('/requests/67841f2a3b4c5d6e7f809100'), 404, 'request_not_found');
    expectProblem(await running.api.get('/requests/none'), 400, 'validation_failed');
  });
});

describe('requests that wait in a queue', () => {
  let running: RunningApp;
  beforeAll(async () => void (running = await startApp({ override: withSilentBell })));
  afterEach(async () => expect(await findImbalances(running.db)).toEqual([]));
  afterAll(() => running.close());

  const queued = async (eventId: string, userId: string, more: Record<string, unknown> = {}, key?: string) => {
    const headers = { ...RESPOND_ASYNC, ...(key !== undefined && { 'idempotency-key': key }) };
    const answer = await running.api.book(eventId, { userId, ...more }, headers);
    expect(answer.status).toBe(202);
    return answer.body.request as { _id: string; position: number };
  };
  const requestOf = async (id: string) => (await running.api.get(`/requests/${id}`)).body.request;
  const empty = (eventId: string) => emptyQueue(running, eventId);

  it('are decided in their order, each by itself', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 3, maxTicketsPerUser: 2 });
    const wanted: [string, number][] = [
      ['ann', 2],
      ['bob', 2],
      ['ann', 1],
      ['carl', 1],
      ['dora', 1],
    ];
    const requests = [];
    for (const [userId, quantity] of wanted) requests.push(await queued(event._id, userId, { quantity }));
    expect(requests.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
    expect(await requestOf(requests[3]!._id)).toMatchObject({ status: 'queued', position: 4 });
    await empty(event._id);
    const ended = await Promise.all(requests.map(({ _id }) => requestOf(_id)));
    expect(ended.map(({ status, problem }) => problem?.code ?? status)).toEqual([
      'done',
      'not_enough_tickets',
      'user_limit_reached',
      'done',
      'sold_out',
    ]);
    expect(ended[4].problem).toEqual({
      status: 409,
      code: 'sold_out',
      title: 'Sold out',
      message: 'No tickets available',
      detail: 'The event has 0 tickets left; the request asks for 1.',
    });
  });

  it('come before who asks without the queue, whoever asked first', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 2 });
    await queued(event._id, 'ann');
    const later = api.book(event._id, { userId: 'public', quantity: 2 });
    const [bob] = await Promise.all([queued(event._id, 'bob'), new Promise((done) => setTimeout(done, 100))]);
    await empty(event._id);
    expectProblem(await later, 409, 'sold_out');
    expect(await requestOf(bob._id)).toMatchObject({ status: 'done' });
  });

  it('keep who asks without the queue waiting: queued_ahead at the deadline, and nothing was booked', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 2 });
    await queued(event._id, 'ann');
    const [booked, held] = await Promise.all([api.book(event._id), api.hold(event._id)]);
    expectProblem(booked, 503, 'queued_ahead');
    expectProblem(held, 503, 'queued_ahead');
    expect(booked.headers.get('retry-after')).toMatch(/^[123]$/);
    expect(await running.db.collection('bookings').countDocuments({ eventId: event._id })).toBe(0);
    await empty(event._id);
    expect((await api.book(event._id)).status).toBe(201);
  });

  it('keep nobody from what takes no tickets', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 5 });
    const { booking } = (await api.book(event._id)).body;
    const { hold } = (await api.hold(event._id)).body;
    const ann = await queued(event._id, 'ann');
    expect((await api.post(`/bookings/${booking._id}/cancel`)).status).toBe(200);
    expect((await api.post(`/holds/${hold._id}/confirm`)).status).toBe(201);
    expect((await requestOf(ann._id)).status).toBe('queued');
    await empty(event._id);
  });

  it('keep nobody waiting at other events', async () => {
    const { api } = running;
    const [event, other] = [await api.createEvent({ totalTickets: 2 }), await api.createEvent({ totalTickets: 2 })];
    await queued(event._id, 'ann');
    const waits = api.book(event._id);
    expect((await api.book(other._id)).status).toBe(201);
    await empty(event._id);
    expect((await waits).status).toBe(201);
  });

  it('are made once for each key, and replayed as they are now', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 5 });
    const [first, second] = await Promise.all([
      queued(event._id, 'ann', {}, 'once'),
      queued(event._id, 'ann', {}, 'once'),
    ]);
    expect(second).toEqual(first);
    const headers = { ...RESPOND_ASYNC, 'idempotency-key': 'once' };
    expectProblem(await api.book(event._id, { userId: 'bob' }, headers), 422, 'idempotency_key_reused');
    await empty(event._id);
    const again = await api.book(event._id, { userId: 'ann' }, headers);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body.request).toEqual({ _id: first._id, eventId: event._id, status: 'done', position: 0 });
    // Without the queue, the same key is the same booking.
    const booked = await api.book(event._id, { userId: 'ann' }, { 'idempotency-key': 'once' });
    expect([booked.status, booked.body.booking._id]).toEqual([201, first._id]);
    expect(booked.headers.get('idempotent-replayed')).toBe('true');
    expect(await running.db.collection('bookings').countDocuments({})).toBeGreaterThan(0);
  });

  it('with the key of an earlier booking are done by that', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 5 });
    const booked = await api.book(event._id, { userId: 'ann' }, { 'idempotency-key': 'earlier' });
    const request = await queued(event._id, 'ann', {}, 'earlier');
    const other = await queued(event._id, 'bob');
    await empty(event._id);
    expect((await requestOf(request._id)).booking._id).toBe(booked.body.booking._id);
    expect((await requestOf(other._id)).status).toBe('done');
    expect((await api.get(`/events/${event._id}`)).body.event.soldTickets).toBe(2);
  });

  it('hear of an earlier booking with their key also when nothing is left, and of another body at once', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 1 });
    const booked = await api.book(event._id, { userId: 'ann' }, { 'idempotency-key': 'last' });
    const request = await queued(event._id, 'ann', {}, 'last');
    await empty(event._id);
    expect((await requestOf(request._id)).booking._id).toBe(booked.body.booking._id);
    const other = await api.createEvent({ totalTickets: 1 });
    await api.book(other._id, { userId: 'ann' }, { 'idempotency-key': 'reused' });
    const headers = { ...RESPOND_ASYNC, 'idempotency-key': 'reused' };
    expectProblem(await api.book(other._id, { userId: 'bob' }, headers), 422, 'idempotency_key_reused');
    expect(await running.db.collection('requests').countDocuments({ 'idempotency.key': /reused/ })).toBe(0);
    const again = await api.book(other._id, { userId: 'ann' }, headers);
    expect(again.status).toBe(202);
    await empty(other._id);
    expect(await requestOf(again.body.request._id)).toMatchObject({ status: 'done' });
    // A hold is another route.
    const third = await api.createEvent({ totalTickets: 2 });
    const both = { ...RESPOND_ASYNC, 'idempotency-key': 'both' };
    const [one, two] = [await api.book(third._id, {}, both), await api.hold(third._id, {}, both)];
    expect([one.status, two.status]).toEqual([202, 202]);
    await empty(third._id);
    expect((await requestOf(two.body.request._id)).hold.status).toBe('active');
  });

  it('are refused when the event is cancelled, and keep it from being deleted', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 5 });
    const ann = await queued(event._id, 'ann');
    expectProblem(await api.request('DELETE', `/events/${event._id}`), 409, 'event_in_use');
    const patch = { status: 'cancelled' };
    expect((await api.request('PATCH', `/events/${event._id}`, patch, { 'if-match': '*' })).status).toBe(200);
    await empty(event._id);
    expect(await requestOf(ann._id)).toMatchObject({ status: 'refused', problem: { code: 'not_on_sale' } });
  });

  it('find the tickets of holds that have ended meanwhile', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 1 });
    const held = await api.hold(event._id, { userId: 'ann', ttlSeconds: 1 }, RESPOND_ASYNC);
    const bob = await queued(event._id, 'bob');
    await emptyOne(event._id);
    expect(await requestOf(held.body.request._id)).toMatchObject({ status: 'done', hold: { status: 'active' } });
    await new Promise((done) => setTimeout(done, 1_100));
    await empty(event._id);
    expect(await requestOf(bob._id)).toMatchObject({ status: 'done' });
  });

  it('of an erased user are carried out for the pseudonym', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 5 });
    const metadata = { name: 'Ann to Erase' };
    const ann = await queued(event._id, 'ann-to-erase', { metadata }, 'key-of-ann');
    expect((await api.post('/users/erase', { userId: 'ann-to-erase' })).status).toBe(200);
    await empty(event._id);
    const { booking } = await requestOf(ann._id);
    expect(booking.userId).toMatch(/^erased-/);
    expect(booking.metadata).toBeUndefined();
    expect(JSON.stringify(await running.db.collection('requests').find().toArray())).not.toMatch(/ann.to.erase/i);
  });

  it('that can not be carried out lose their place, and hold up nobody', async () => {
    const { api, db } = running;
    const event = await api.createEvent({ totalTickets: 5 });
    await api.book(event._id, { reference: 'doubled' });
    const bad = { unique: true, name: 'not ours', partialFilterExpression: { reference: 'doubled' } };
    await db.collection('bookings').createIndex({ reference: 1 }, bad, {});
    const requests = [
      await queued(event._id, 'ann'),
      await queued(event._id, 'bob', { reference: 'doubled' }),
      await queued(event._id, 'carl'),
    ];
    await empty(event._id);
    const states = async () => Promise.all(requests.map(async ({ _id }) => (await requestOf(_id)).status as string));
    expect(await states()).toEqual(['done', 'failed', 'done']);
    await db.collection('bookings').dropIndex('not ours');
    const failed = running.app.get(FailedRequests, { strict: false });
    expect((await failed.list(10)).map(({ id }) => id)).toEqual([requests[1]!._id]);
    expect(await failed.retry(requests[1]!._id)).toBe(true);
    await running.app.get(RequestPulse, { strict: false }).beat();
    await empty(event._id);
    expect(await states()).toEqual(['done', 'done', 'done']);
    expect([await failed.retry(requests[1]!._id), await failed.drop(requests[1]!._id)]).toEqual([false, false]);
    expect(await db.collection('requests').countDocuments({ isToRetry: true })).toBe(0);
  });

  async function emptyOne(eventId: string) {
    const engine = running.app.get(BookingsService, { strict: false });
    await engine.submit({ kind: 'decideRequests', eventId, limit: 1 } as never, () => false);
  }
});
