import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Api } from '../support/api.js';
import { profile, type ProfiledCommand } from '../support/profile.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const USERS = ['ann', 'bob', 'cid'];

/** The first finds nothing, the second finds the first. */
async function createWithKey(api: Api): Promise<void> {
  const body = { name: 'Concert Night', totalTickets: 1 };
  for (let time = 0; time < 2; time++) await api.post('/events/create', body, { 'idempotency-key': 'key' });
}

/** Holds a ticket and confirms the hold. */
async function holdAndConfirm(api: Api, eventId: string, confirmation: object): Promise<void> {
  const held = await api.hold(eventId);
  await api.post(`/holds/${held.body.hold._id}/confirm`, confirmation);
}

describe('every query of a request', () => {
  let running: RunningApp;
  let event: { readonly _id: string };
  let limited: { readonly _id: string };
  let bookingId: string;
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
    for (let number = 0; number < 20; number++) {
      await holdAndConfirm(api, event._id, { paymentReference: `paid-${number}` });
    }
  });
  afterAll(() => running.close());

  // The API keys are read all at once, beside the requests.
  const isQuery = ({ planSummary, command }: ProfiledCommand) =>
    planSummary !== undefined && command['find'] !== 'apiKeys';
  const secondPage = async (path: string) => {
    const first = await running.api.get(path);
    await running.api.get(`${path}&cursor=${first.body.nextCursor}`);
  };

  const requests: [string, () => Promise<unknown>][] = [
    ['creating an event', () => running.api.createEvent()],
    ['creating an event with a key', () => createWithKey(running.api)],
    ['reading an event', () => running.api.get(`/events/${event._id}`)],
    ['listing events', () => secondPage('/events?limit=2')],
    ['listing available events', () => secondPage('/events?available=true&limit=2')],
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
    ['cancelling', () => running.api.post(`/bookings/${bookingId}/cancel`)],
    ['holding and confirming', () => holdAndConfirm(running.api, event._id, {})],
    ['confirming with a payment', () => holdAndConfirm(running.api, event._id, { paymentReference: 'new' })],
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

  it.each(requests)('reads hardly more documents than it returns: %s', async (_what, request) => {
    const queries = (await profile(running.db, request)).filter(
      (command) => command.op === 'query' && isQuery(command),
    );
    // A page after a cursor is found in two ranges, each of which may read as many.
    const wasteful = queries.filter(({ docsExamined = 0, nreturned = 0 }) => docsExamined > 2 * nreturned + 2);
    expect(wasteful.map(({ command, docsExamined }) => ({ command, docsExamined }))).toEqual([]);
  });

  it('uses each index that there is', async () => {
    for (const [, request] of requests) await request();
    const unused: string[] = [];
    for (const name of ['events', 'bookings', 'movements']) {
      const indexes = await running.db
        .collection(name)
        .aggregate([{ $indexStats: {} }])
        .toArray();
      for (const index of indexes)
        if (Number(index['accesses'].ops) === 0) unused.push(`${name}.${String(index['name'])}`);
    }
    // MongoDB makes an index on _id for every collection, and nobody looks for a movement by its own.
    expect(unused).toEqual(['movements._id_']);
  });
});
