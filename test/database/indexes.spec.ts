import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { HoldPulse } from '../../src/holds/index.js';
import { RequestPulse } from '../../src/requests/index.js';
import { ENTRY_STATUSES } from '../../src/waitlist/entry-states.js';
import { WaitlistWatch } from '../../src/waitlist/index.js';
import type { Api } from '../support/api.js';
import { profile, type ProfiledCommand } from '../support/profile.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { decided, RESPOND_ASYNC } from '../support/queues.js';
import { until } from '../support/until.js';

const USERS = ['ann', 'bob', 'cid'];

/** The first finds nothing, the second finds the first. */
async function createWithKey(api: Api): Promise<void> {
  const body = { name: 'Concert Night', totalTickets: 1 };
  for (let time = 0; time < 2; time++) await api.post('/events/create', body, { 'idempotency-key': 'key' });
}

const HELD_EVENT = new mongo.ObjectId();
const HOLD_STATUSES = ['active', 'expired', 'confirmed', 'released'];

/** Holds in every state, of few users, at an event that has none but these: some are overdue, some are due for a refund. */
async function insertHolds(db: mongo.Db): Promise<void> {
  const now = Date.now();
  const holds = Array.from({ length: 400 }, (_, index) => ({
    eventId: index % 5 === 0 ? HELD_EVENT : new mongo.ObjectId(),
    userId: USERS[index % 3],
    items: [{ quantity: 1 }],
    quantity: 1,
    status: HOLD_STATUSES[index % 4],
    createdAt: new Date(now - index * 1_000),
    ttlSeconds: 600,
    expiresAt: new Date(now + (index < 60 ? -600_000 : 600_000)),
    ...(index % 10 === 0 && { isRefundDue: true }),
  }));
  await db.collection('holds').insertMany(holds);
}

/** Holds of others at the event that the requests are about, so that an index of the event alone would read them. */
async function insertOthers(db: mongo.Db, eventId: string): Promise<void> {
  const [hold] = await db.collection('holds').find({ status: 'active' }).sort({ expiresAt: -1 }).toArray();
  const others = Array.from({ length: 40 }, (_, index) => ({
    ...hold,
    _id: new mongo.ObjectId(),
    eventId: new mongo.ObjectId(eventId),
    userId: `other${index}`,
    isRefundDue: undefined,
  }));
  await db.collection('holds').insertMany(others, { ignoreUndefined: true });
}

/** Holds a ticket and confirms the hold. */
async function holdAndConfirm(api: Api, eventId: string, confirmation: object): Promise<void> {
  const held = await api.hold(eventId);
  await api.post(`/holds/${held.body.hold._id}/confirm`, confirmation);
}

/** An event that is sold out, with many who wait for one to three tickets. Returns a booking of each, and an entry. */
async function letManyWait(api: Api): Promise<{ eventId: string; bookings: string[]; entryId: string }> {
  const { _id: eventId } = await api.createEvent({ totalTickets: 60, maxTicketsPerUser: 9 });
  const bookings: string[] = [];
  for (let number = 0; number < 10; number++) {
    const answer = await api.book(eventId, { userId: `buyer${number}`, quantity: 6 });
    bookings.push(answer.body.booking._id);
  }
  const waiters = Array.from({ length: 150 }, (_, index) => ({ userId: `waiter${index}`, quantity: 1 + (index % 3) }));
  const answers = await Promise.all(waiters.map((waiter) => api.join(eventId, waiter)));
  for (const { body } of answers.slice(0, 20)) await api.post(`/events/${eventId}/waitlist/${body.entry._id}/leave`);
  return { eventId, bookings, entryId: answers.at(-1)!.body.entry._id };
}

describe('every query of a request', () => {
  let running: RunningApp;
  let waited: Awaited<ReturnType<typeof letManyWait>>;
  let event: { readonly _id: string };
  let limited: { readonly _id: string };
  let bookingId: string;
  let partId: string;
  let divided: { readonly _id: string; readonly sections: readonly { _id: string }[] };
  beforeAll(async () => {
    running = await startApp();
    const { api } = running;
    for (let number = 0; number < 12; number++) {
      const { _id } = await api.createEvent({ totalTickets: 20, status: number % 3 === 0 ? 'paused' : 'on_sale' });
      if (number % 3 !== 0) for (const userId of USERS) await api.book(_id, { userId });
    }
    event = await api.createEvent({ totalTickets: 1_000 });
    for (let number = 0; number < 2; number++) await api.book(event._id, { userId: 'zoe' });
    for (let number = 0; number < 20; number++) await api.book(event._id, { userId: USERS[number % 3] });
    limited = await api.createEvent({ totalTickets: 1_000, maxTicketsPerUser: 100 });
    for (let number = 0; number < 20; number++) await api.book(limited._id, { userId: USERS[number % 3] });
    for (let number = 0; number < 10; number++) await api.createEvent({ totalTickets: 20, status: 'paused' });
    bookingId = (await api.book(event._id, { userId: 'ann' })).body.booking._id;
    divided = await api.createEvent({ sections: ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 5 })) });
    section = divided.sections[1]!._id;
    partId = (await api.book(limited._id, { userId: 'ann', quantity: 3 })).body.booking._id;
    for (let number = 0; number < 2; number++) {
      const { booking } = (await api.book(event._id, { userId: 'ann', reference: 'cart-7' })).body;
      await api.post(`/bookings/${booking._id}/cancel`);
    }
    await insertHolds(running.db);
    await insertOthers(running.db, event._id);
    for (let number = 0; number < 20; number++) {
      await holdAndConfirm(api, event._id, { paymentReference: `paid-${number}` });
    }
  });
  beforeAll(async () => void (waited = await letManyWait(running.api)));
  afterAll(() => running.close());

  // The API keys are read all at once, and so are the few servers, beside the requests.
  const isQuery = ({ planSummary, command }: ProfiledCommand) =>
    planSummary !== undefined && !['apiKeys', 'servers'].includes(command['find'] as string);
  const secondPage = async (path: string) => {
    const first = await running.api.get(path);
    await running.api.get(`${path}&cursor=${first.body.nextCursor}`);
  };

  let section: string;
  const edit = (id: string, patch: unknown) =>
    running.api.request('PATCH', `/events/${id}`, patch, { 'if-match': '*' });
  const editing = async (patch: unknown) => {
    const { body } = await edit(divided._id, patch);
    expect(body.success).toBe(true);
    section = body.event.sections.at(-1)._id;
  };
  const cancelling = async () => {
    const { _id } = await running.api.createEvent();
    await running.api.hold(_id);
    await edit(_id, { status: 'cancelled' });
    await running.app.get(HoldPulse).settleSome();
  };
  const hold = async () => (await running.api.hold(event._id, { userId: `user${Math.random()}` })).body.hold;
  const endHolds = async () => {
    await running.api.hold(limited._id, { ttlSeconds: 1 });
    const pulse = running.app.get(HoldPulse);
    await until('the pulse ends the hold', async () => (await pulse.settleSome()).includes(limited._id));
  };
  const holdLists = ['', `eventId=${HELD_EVENT.toHexString()}`, 'userId=ann'].flatMap((owner) =>
    ['', ...HOLD_STATUSES.map((status) => `status=${status}`), 'settlement=refund_due'].map(
      (kind) => `${owner}&${kind}`,
    ),
  );

  const join = async () => (await running.api.join(waited.eventId, { userId: `user${Math.random()}` })).body.entry;
  const queueOne = async () => {
    const { request } = (await running.api.book(event._id, { userId: 'requester' }, RESPOND_ASYNC)).body;
    await decided(running.api, request._id);
    return request._id as string;
  };
  const leave = (entryId: string) => running.api.post(`/events/${waited.eventId}/waitlist/${entryId}/leave`);
  const cancelOne = () => running.api.post(`/bookings/${waited.bookings.pop()}/cancel`);
  const entryLists = ['', 'userId=waiter30'].flatMap((owner) =>
    ['', ...ENTRY_STATUSES.map((status) => `status=${status}`)].map((kind) => `${owner}&${kind}`),
  );

  const requests: [string, () => Promise<unknown>][] = [
    ['creating an event', () => running.api.createEvent()],
    ['creating an event with a key', () => createWithKey(running.api)],
    ['reading an event', () => running.api.get(`/events/${event._id}`)],
    ['listing events', () => secondPage('/events?limit=2')],
    ['listing available events', () => secondPage('/events?available=true&limit=2')],
    ['listing events by date', () => secondPage('/events?sort=startsAt&limit=2')],
    ['listing events by name', () => secondPage('/events?sort=name&limit=2')],
    ['booking', () => running.api.book(event._id)],
    ['booking with a key', () => running.api.book(event._id, {}, { 'idempotency-key': 'key' })],
    ['booking from an event with a limit', () => running.api.book(limited._id, { userId: 'bob' })],
    ['being refused', () => running.api.book(event._id, { sectionId: bookingId })],
    ['reading a booking', () => running.api.get(`/bookings/${bookingId}`)],
    ['listing all bookings', () => running.api.get('/bookings')],
    ['listing bookings', () => secondPage('/bookings?limit=2')],
    ["listing an event's bookings", () => secondPage(`/bookings?eventId=${event._id}&limit=2`)],
    ["listing a user's bookings", () => secondPage('/bookings?userId=zoe&limit=1')],
    ["listing a user's bookings of an event", () => secondPage(`/bookings?eventId=${event._id}&userId=zoe&limit=1`)],
    [
      "listing an event's cancelled bookings",
      () => secondPage(`/bookings?eventId=${event._id}&status=cancelled&limit=1`),
    ],
    [
      "listing an event's confirmed bookings",
      () => secondPage(`/bookings?eventId=${event._id}&status=confirmed&limit=2`),
    ],
    [
      "listing an event's bookings of a time",
      () =>
        secondPage(
          `/bookings?eventId=${event._id}&bookedFrom=2026-01-01T00:00:00Z&bookedTo=2999-01-01T00:00:00Z&limit=2`,
        ),
    ],
    ['listing bookings with a reference', () => secondPage('/bookings?reference=cart-7&limit=1')],
    [
      'cancelling a part',
      () => running.api.post(`/bookings/${partId}/cancel`, { quantity: 1 }, { 'idempotency-key': 'part' }),
    ],
    ['transferring', () => running.api.post(`/bookings/${partId}/transfer`, { userId: 'bob' })],
    ['reading the history of a booking', () => running.api.get(`/bookings/${partId}/history`)],
    [
      'editing an event',
      () =>
        editing({
          sections: [
            { _id: section, remove: true },
            { name: `New ${Math.random()}`, capacity: 1 },
          ],
        }),
    ],
    ['cancelling an event with holds', () => cancelling()],
    [
      'deleting an event',
      async () => running.api.request('DELETE', `/events/${(await running.api.createEvent())._id}`),
    ],
    ['cancelling', () => running.api.post(`/bookings/${bookingId}/cancel`)],
    [
      'cancelling all bookings of an event',
      async () => {
        const { _id } = await running.api.createEvent({ totalTickets: 200 });
        await Promise.all(USERS.map((userId) => running.api.bookUntilAnswered(_id, { userId })));
        for (let call = 0; call < 2; call++) await running.api.post(`/events/${_id}/cancel-bookings`);
      },
    ],
    [
      'erasing a user',
      async () => {
        const userId = `user${Math.random()}`;
        for (const { _id } of [event, limited]) {
          const { booking } = (await running.api.book(_id, { userId })).body;
          await running.api.post(`/bookings/${booking._id}/transfer`, { userId: 'bob' });
          await running.api.post(`/bookings/${booking._id}/transfer`, { userId });
          await running.api.hold(_id, { userId });
        }
        expect((await running.api.post('/users/erase', { userId })).body.replaced).toBe(8);
      },
    ],
    ['holding', () => hold()],
    ['confirming', async () => running.api.post(`/holds/${(await hold())._id}/confirm`, { paymentReference: 'pay' })],
    ['releasing', async () => running.api.post(`/holds/${(await hold())._id}/release`)],
    ['holds that end', endHolds],
    ['holding with a key', () => running.api.hold(event._id, {}, { 'idempotency-key': 'key' })],
    ...holdLists.map((list): [string, () => Promise<unknown>] => [
      `listing holds: ${list}`,
      () => secondPage(`/holds?limit=2&${list}`),
    ]),
    [
      "listing a user's holds of an event",
      () => secondPage(`/holds?limit=2&status=active&userId=ann&eventId=${HELD_EVENT.toHexString()}`),
    ],
    ['holding and confirming', () => holdAndConfirm(running.api, event._id, {})],
    ['confirming with a payment', () => holdAndConfirm(running.api, event._id, { paymentReference: 'new' })],
    ['following an event', () => running.api.get(`/events/${event._id}/movements?after=3&limit=5`)],
    ['following an event without news', () => running.api.get(`/events/${event._id}/movements?after=1000000`)],
    ['reading the sales of an event', () => running.api.get(`/events/${event._id}/sales`)],
    ["exporting an event's bookings", () => running.api.get(`/events/${event._id}/bookings.csv`)],
    ['counting who waits', () => running.app.get(WaitlistWatch).look()],
    ['joining a waitlist', () => join()],
    ['joining it with a key', () => running.api.join(waited.eventId, {}, { 'idempotency-key': 'key' })],
    ['joining it again', () => running.api.join(waited.eventId, { userId: 'waiter140' })],
    ['reading an entry, and its place', () => running.api.get(`/events/${waited.eventId}/waitlist/${waited.entryId}`)],
    ['leaving a waitlist', async () => leave((await join())._id)],
    ['a cancellation that hands over', () => cancelOne()],
    [
      'leaving with an offer, which goes to the next',
      async () => {
        const offered = await running.api.get(`/events/${waited.eventId}/waitlist?status=offered&limit=1`);
        await leave(offered.body.entries[0]?._id ?? (await join())._id);
      },
    ],
    ...entryLists.map((list): [string, () => Promise<unknown>] => [
      `listing a waitlist: ${list}`,
      () => secondPage(`/events/${waited.eventId}/waitlist?limit=2&${list}`),
    ]),
    ['queueing a request', () => queueOne()],
    [
      'queueing it with a key',
      () => running.api.book(event._id, {}, { ...RESPOND_ASYNC, 'idempotency-key': 'queued' }),
    ],
    ['reading a request', async () => running.api.get(`/requests/${await queueOne()}`)],
    ['looking for requests', () => running.app.get(RequestPulse).beat()],
    ['erasing a user who has made requests', () => running.api.post('/users/erase', { userId: 'requester' })],
    ['a recount', () => running.api.get(`/events/${event._id}/integrity`)],
  ];

  it.each(requests)('goes by an index, and nothing is sorted in memory: %s', async (_what, request) => {
    const commands = await profile(running.db, request);
    const odd = commands.filter(
      (command) => isQuery(command) && (command.planSummary!.includes('COLLSCAN') || command.hasSortStage),
    );
    expect(odd.map(({ command, planSummary, hasSortStage }) => ({ command, planSummary, hasSortStage }))).toEqual([]);
    expect(commands.length).toBeGreaterThan(0);
  });

  // An index for the holds of everybody in one state would cost each hold more than such a list is worth.
  const frugal = requests.filter(([what]) => !what.startsWith('listing holds: &status'));
  it.each(frugal)('reads hardly more documents than it returns: %s', async (_what, request) => {
    const queries = (await profile(running.db, request)).filter(
      (command) => command.op === 'query' && isQuery(command),
    );
    // A page after a cursor is found in two ranges, each of which may read as many.
    const wasteful = queries.filter(({ docsExamined = 0, nreturned = 0 }) => docsExamined > 2 * nreturned + 2);
    expect(wasteful.map(({ command, docsExamined }) => ({ command, docsExamined }))).toEqual([]);
  });

  it('reads no more of those who wait than the tickets that became free could be for, by an index', async () => {
    const commands = await profile(running.db, cancelOne);
    const [handOver, ...others] = commands.filter(({ command }) => command['aggregate'] === 'events');
    expect(others).toEqual([]);
    // Of 6 tickets: 6 who want one of them, 3 who want two and 2 who want three; and the event.
    expect(handOver?.docsExamined).toBeLessThanOrEqual(6 + 3 + 2 + 1);
    expect(handOver?.docsExamined).toBeGreaterThan(6);
  });

  it('uses each index that there is', async () => {
    for (const [, request] of requests) await request();
    const unused: string[] = [];
    for (const name of ['events', 'bookings', 'movements', 'holds', 'waitlistEntries', 'requests']) {
      const indexes = await running.db
        .collection(name)
        .aggregate([{ $indexStats: {} }])
        .toArray();
      for (const index of indexes)
        if (Number(index['accesses'].ops) === 0) unused.push(`${name}.${String(index['name'])}`);
    }
    // MongoDB makes an index on _id for every collection, and nobody looks for a movement by its own. No two entries of an
    // event have one number: that is what the other is for.
    expect(unused).toEqual(['movements._id_', 'waitlistEntries.eventId_1_number_1']);
  });
});
