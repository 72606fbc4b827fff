import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { mongo } from 'mongoose';
import type { Answer } from '../support/api.js';
import { findImbalances } from '../support/check-books.js';
import { dump } from '../support/dump.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const KEY = 'order-1001';
const REPLAYED = 'idempotent-replayed';

let running: RunningApp;
let other: RunningApp;
beforeAll(async () => {
  running = await startApp();
  other = await startApp({ uri: running.uri });
});
afterAll(async () => {
  expect(await findImbalances(running.db)).toEqual([]);
  await other.close();
  await running.close();
});

const book = (eventId: string, key = KEY, more: Record<string, unknown> = {}) =>
  running.api.book(eventId, more, { 'idempotency-key': key });
const cancel = ({ body }: Answer) => running.api.post(`/bookings/${body.booking._id}/cancel`);
const availableIn = async (eventId: string) =>
  (await running.api.get(`/events/${eventId}`)).body.event.availableTickets as number;

/** That the answer is the first one again, and says so. */
function expectReplay(answer: Answer, first: Answer): void {
  expect(answer.status).toBe(201);
  expect(answer.body).toEqual(first.body);
  expect(answer.headers.get('location')).toBe(first.headers.get('location'));
  expect(answer.headers.get(REPLAYED)).toBe('true');
}

describe('a booking that is sent again with its key', () => {
  it('is answered as it was the first time, and takes no more tickets', async () => {
    const event = await running.api.createEvent({ totalTickets: 10 });

    const first = await book(event._id, KEY, { quantity: 2, reference: 'A-1', metadata: { b: '1', a: '2' } });
    const again = await book(event._id, KEY, { quantity: 2, reference: 'A-1', metadata: { b: '1', a: '2' } });

    expect(first.status).toBe(201);
    expect(first.headers.get(REPLAYED)).toBeNull();
    expect(first.headers.get('location')).toBe(`/bookings/${first.body.booking._id}`);
    expectReplay(again, first);
    expect(await availableIn(event._id)).toBe(8);
  });

  it('may write the key bare or quoted, and its JSON in any order and shape', async () => {
    const event = await running.api.createEvent({ totalTickets: 10 });
    const send = (body: string, key: string) => running.api.post('/book', body, { 'idempotency-key': key });
    const members = { eventId: event._id, userId: 'user123', quantity: 1, metadata: { one: '1', two: '2' } };

    const first = await send(JSON.stringify(members), KEY);
    const reordered = { metadata: { two: '2', one: '1' }, quantity: 1, userId: 'user123', eventId: event._id };
    const others = [
      await send(JSON.stringify(members), `"${KEY}"`),
      await send(JSON.stringify(reordered, undefined, 4), KEY),
      await send(JSON.stringify({ ...members, eventId: event._id.toUpperCase() }), KEY),
    ];

    expect(first.status).toBe(201);
    for (const answer of others) expectReplay(answer, first);
    expect(await availableIn(event._id)).toBe(9);
  });

  it('is another booking with a key in other case, and on another event', async () => {
    const [one, two] = [await running.api.createEvent(), await running.api.createEvent()];

    const answers = [await book(one._id, 'Key'), await book(one._id, 'KEY'), await book(two._id, 'Key')];

    expect(answers.map(({ status, headers }) => [status, headers.get(REPLAYED)])).toEqual([
      [201, null],
      [201, null],
      [201, null],
    ]);
    expect(new Set(answers.map(({ body }) => body.booking._id)).size).toBe(3);
  });

  it.each([
    ['more tickets', { quantity: 2 }],
    ['another user', { userId: 'user456' }],
    ['another reference', { reference: 'A-2' }],
    ['other metadata', { metadata: { channel: 'web' } }],
  ])('is refused with %s, and nothing is changed', async (_what, more) => {
    const event = await running.api.createEvent();
    const first = await book(event._id);
    const before = await dump(running.db);

    expectProblem(await book(event._id, KEY, more), 422, 'idempotency_key_reused');

    expect(await dump(running.db)).toEqual(before);
    expectReplay(await book(event._id), first);
  });

  it('is refused with another section, and nothing is changed', async () => {
    const event = await running.api.createEvent({ sections: ['A', 'B'].map((name) => ({ name, capacity: 10 })) });
    const [one, another] = event.sections.map(({ _id }: { _id: string }) => ({ sectionId: _id }));
    const first = await book(event._id, KEY, one);
    const before = await dump(running.db);

    expectProblem(await book(event._id, KEY, another), 422, 'idempotency_key_reused');

    expect(await dump(running.db)).toEqual(before);
    expectReplay(await book(event._id, KEY, one), first);
  });

  it.each([
    ['sold out', (eventId: string) => running.api.book(eventId, { quantity: 9 })],
    ['paused', (eventId: string) => setStatus(eventId, 'paused')],
    ['cancelled', (eventId: string) => setStatus(eventId, 'cancelled')],
  ])('is answered as before when the event is %s', async (_what, change) => {
    const event = await running.api.createEvent({ totalTickets: 10 });
    const first = await book(event._id);
    await change(event._id);

    expect((await running.api.book(event._id)).status).toBe(409);
    expectReplay(await book(event._id), first);
    expectReplay(await other.api.book(event._id, {}, { 'idempotency-key': KEY }), first);
  });

  it('is answered as before when the booking was cancelled, and takes its ticket not again', async () => {
    const event = await running.api.createEvent({ totalTickets: 1 });
    const first = await book(event._id);
    await cancel(first);

    expectReplay(await book(event._id), first);

    expect(first.body.booking.status).toBe('confirmed');
    expect((await running.api.get(first.headers.get('location')!)).body.booking.status).toBe('cancelled');
    expect(await availableIn(event._id)).toBe(1);
  });

  it('is known to another instance, which has not seen the event before', async () => {
    const event = await running.api.createEvent();
    const first = await book(event._id);

    expectReplay(await other.api.book(event._id, {}, { 'idempotency-key': `"${KEY}"` }), first);
  });
});

describe('what is refused', () => {
  it('stores no key: the same request books once there is a ticket', async () => {
    const event = await running.api.createEvent({ totalTickets: 1 });
    const last = await running.api.book(event._id);
    expectProblem(await book(event._id), 409, 'sold_out');
    await cancel(last);

    const booked = await book(event._id);

    expect([booked.status, booked.headers.get(REPLAYED)]).toEqual([201, null]);
  });

  it('stores no key: another request may use it', async () => {
    const event = await running.api.createEvent({ totalTickets: 3 });
    expectProblem(await book(event._id, KEY, { quantity: 0 }), 400, 'validation_failed');
    expectProblem(await book(event._id, KEY, { quantity: 4 }), 409, 'not_enough_tickets');
    expectProblem(await book(event._id, KEY, { sectionId: event._id }), 404, 'section_not_found');

    const booked = await book(event._id, KEY, { quantity: 3 });

    expect([booked.status, booked.headers.get(REPLAYED)]).toEqual([201, null]);
  });

  it.each([
    ['that is empty', ''],
    ['that is empty in quotes', '""'],
    ['with a space', 'order 1001'],
    ['of 256 characters', 'k'.repeat(256)],
    ['that is not ASCII', 'schl\u00fcssel'],
    ['whose quotes do not end', '"order-1001'],
  ])('is a key %s, and nothing is booked', async (_what, key) => {
    const event = await running.api.createEvent();
    expectProblem(await book(event._id, key), 400, 'validation_failed');
    expect(await availableIn(event._id)).toBe(10);
  });

  it('is a request with two keys', async () => {
    const event = await running.api.createEvent();
    for (const keys of [
      ['one', 'two'],
      ['"one"', '"two"'],
      ['"one', 'two"'],
      [KEY, KEY],
    ]) {
      expect(await statusWithHeaders(event._id, keys)).toBe(400);
    }
    expect(await availableIn(event._id)).toBe(10);
  });
});

it('takes the longest key, of any visible characters', async () => {
  const event = await running.api.createEvent();
  for (const key of ['k'.repeat(255), '~', '$where', '{"a":1}', '__proto__', 'a.b', '../..']) {
    const first = await book(event._id, key);
    expect([first.status, first.headers.get(REPLAYED)]).toEqual([201, null]);
    expectReplay(await book(event._id, key), first);
  }
  expect(await availableIn(event._id)).toBe(3);
});

it('ignores a key on a cancellation', async () => {
  const event = await running.api.createEvent();
  const [one, two] = [await book(event._id, 'one'), await book(event._id, 'two')];
  for (const { body } of [one, two]) {
    const headers = { 'idempotency-key': KEY };
    const cancelled = await running.api.post(`/bookings/${body.booking._id}/cancel`, undefined, headers);
    expect(cancelled).toMatchObject({ status: 200, body: { booking: { _id: body.booking._id, status: 'cancelled' } } });
    expect(cancelled.headers.get(REPLAYED)).toBeNull();
  }
});

it.each(['/book', '/events/create'])('is documented: POST %s', (path) => {
  const { post } = JSON.parse(readFileSync('openapi.json', 'utf8')).paths[path];
  expect(post.parameters).toContainEqual(
    expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: false }),
  );
  expect(post.responses['201'].headers).toHaveProperty('Idempotent-Replayed');
  expect(JSON.stringify(post.responses['422'])).toContain('idempotency_key_reused');
});

async function setStatus(eventId: string, status: string): Promise<void> {
  await running.db
    .collection('events')
    .updateOne({ _id: new mongo.ObjectId(eventId) }, { $set: { status }, $inc: { revision: 1, version: 1 } });
}

/** As two lines of the head: `fetch` would make them one. */
function statusWithHeaders(eventId: string, keys: string[]): Promise<number> {
  return new Promise((done, fail) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': keys };
    const sent = request(`${running.api.url}/book`, { method: 'POST', headers }, (response) => {
      response.resume();
      done(response.statusCode!);
    });
    sent.once('error', fail);
    sent.end(JSON.stringify({ eventId, userId: 'user123' }));
  });
}
