import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import type { Answer } from '../support/api.js';
import { findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { times } from '../support/race.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { watchCommands, watchedUri } from '../support/watch-commands.js';

describe('a database that somebody changes while the server runs', () => {
  let running: RunningApp;
  let logLines: string[];
  beforeEach(async () => {
    logLines = [];
    running = await startApp({ uri: watchedUri(), logLines });
  });
  afterEach(() => running.close());

  const unique = (name: string, keys: mongo.IndexSpecification, options: mongo.CreateIndexesOptions = {}) =>
    running.db.collection(name).createIndex(keys, { unique: true, name: `foreign ${name}`, ...options }, {});
  const expectRefused = (answer: Answer) => {
    expectProblem(answer, 503, 'database_misconfigured');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  };
  const expectLogged = (text: string) => {
    const failures = logLines.filter((line) => line.includes('request failed'));
    expect(failures).toEqual(failures.map(() => expect.stringContaining(JSON.stringify(text).slice(1, -1))));
    expect(failures.length).toBeGreaterThan(0);
    // Not what the index refuses: that may be a user's id.
    expect(logLines.join()).not.toMatch(/E11000|dup key|keyValue|only-once/);
  };
  const book = (eventId: string, userId = 'only-once') => running.api.book(eventId, { userId });

  it('answers a booking that a unique index refuses with 503 after one try, and names the index in the log', async () => {
    const event = await running.api.createEvent();
    await unique('bookings', { userId: 1 });
    expect((await book(event._id)).status).toBe(201);
    const sent = watchCommands(running);
    expectRefused(await book(event._id));
    expect(sent.filter((command) => command === 'insert bookings')).toHaveLength(1);
    expectLogged('The unique index "foreign bookings" of bookings refuses a write');
    expect((await book(event._id, 'another')).status).toBe(201);
    expect(await findImbalances(running.db)).toEqual([]);
  });

  it('sells to everybody else who is in the same batches', async () => {
    const { api } = running;
    const events = await Promise.all(times(5, () => api.createEvent({ totalTickets: 100 })));
    await unique('bookings', { userId: 1 });
    const refused = Promise.all(times(4, (index) => book(events[index % 5]!._id)));
    const others = await Promise.all(times(40, (index) => book(events[index % 5]!._id, `user ${index}`)));
    expect(others.filter(({ status }) => status !== 201)).toEqual([]);
    const [first, ...rest] = (await refused).sort((one, other) => one.status - other.status);
    expect(first!.status).toBe(201);
    rest.forEach(expectRefused);
    expect(await findImbalances(running.db)).toEqual([]);
  });

  it('says that an index is gone by which holds are found, and books all the same', async () => {
    const event = await running.api.createEvent();
    for (const name of [
      'userId_1_status_1_createdAt_-1__id_-1_eventId_1',
      'eventId_1_status_1_createdAt_-1__id_-1_expiresAt_1',
    ]) {
      await running.db.collection('holds').dropIndex(name);
    }
    expectRefused(await running.api.hold(event._id));
    expectRefused(await running.api.get(`/holds?eventId=${event._id}`));
    expectLogged('An index that this server needs is gone');
    expect((await book(event._id)).status).toBe(201);
  });

  it('still tells repeats of an Idempotency-Key from what a foreign index refuses', async () => {
    await unique('events', { name: 1 });
    const create = (name: string, key: string) =>
      running.api.post('/events/create', { name, totalTickets: 1 }, { 'idempotency-key': key });
    const answers = await Promise.all(times(10, () => create('Opera', 'opera')));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.event?._id}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(201);
    const sent = watchCommands(running);
    expectRefused(await create('Opera', 'another'));
    expect(sent.filter((command) => command === 'insert events')).toHaveLength(1);
    expectLogged('The unique index "foreign events" of events refuses a write');
  });

  it('is not fooled by a unique index on the fields of ours', async () => {
    const event = await running.api.createEvent();
    await unique('bookings', { eventId: 1, 'idempotency.key': 1 });
    expect((await book(event._id)).status).toBe(201);
    const sent = watchCommands(running);
    expectRefused(await book(event._id));
    expect(sent.filter((command) => command === 'insert bookings')).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a unique index of movements',
      () => unique('movements', { 'lines.kind': 1 }, { partialFilterExpression: { revision: { $gt: 1 } } }),
      'The unique index "foreign movements" of movements refuses a write',
    ],
    [
      'a unique index of events',
      () => unique('events', { soldTickets: 1 }, { partialFilterExpression: { soldTickets: { $gt: 0 } } }),
      'The unique index "foreign events" of events refuses a write',
    ],
    [
      'a validator',
      () => running.db.command({ collMod: 'bookings', validator: { vip: true } }),
      'The validator of bookings refuses a write',
    ],
    [
      'an index that takes no two arrays',
      () => running.db.collection('bookings').createIndex({ items: 1, metadata: 1 }, {}, {}),
      'An index of bookings refuses a write',
    ],
    [
      'a capped collection',
      async () => {
        await running.db.dropCollection('movements');
        await running.db.createCollection('movements', { capped: true, size: 4_096 });
      },
      'movements is no plain collection any more',
    ],
    [
      'a view',
      async () => {
        await running.db.collection('movements').rename('moved');
        await running.db.createCollection('movements', { viewOn: 'moved', pipeline: [] });
      },
      'movements is no plain collection any more',
    ],
  ])('answers with 503 and names %s in the log', async (_what, change, cause) => {
    const [event, other] = await Promise.all(times(2, () => running.api.createEvent({ totalTickets: 5 })));
    expect((await running.api.book(other!._id)).status).toBe(201);
    await change();
    expectRefused(await running.api.book(event!._id, { userId: 'only-once', metadata: { seat: '1' } }));
    expectLogged(cause);
  });

  it('answers a cancellation that a unique index refuses with 503', async () => {
    const event = await running.api.createEvent();
    const bookings = await Promise.all(times(2, (index) => book(event._id, `user ${index}`)));
    const cancel = ({ body }: Answer) => running.api.post(`/bookings/${body.booking._id}/cancel`);
    await unique('bookings', { eventId: 1, status: 1 }, { partialFilterExpression: { status: 'cancelled' } });
    expect((await cancel(bookings[0]!)).status).toBe(200);
    expectRefused(await cancel(bookings[1]!));
    expectLogged('The unique index "foreign bookings" of bookings refuses a write');
    expect(await findImbalances(running.db)).toEqual([]);
  });

  it('fails at once where the movements are ahead of their event, as after a restore of one collection', async () => {
    const event = await running.api.createEvent();
    const movement = (await running.db.collection('movements').findOne())!;
    await running.db.collection('movements').insertOne({ ...movement, _id: new mongo.ObjectId(), revision: 2 });
    const sent = watchCommands(running);
    expectRefused(await book(event._id));
    expect(sent.filter((command) => command === 'insert movements')).toHaveLength(1);
  });
});
