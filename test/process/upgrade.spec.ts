import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { type Build, buildCommit } from '../../bench/against/build.js';
import { Scope } from '../../bench/support/scope.js';
import type { Answer } from '../support/api.js';
import { findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { Workplace } from '../support/server-process.js';
import { decided, RESPOND_ASYNC } from '../support/queues.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

/** The last commits before holds, before waitlists, and before the queue. */
const [BEFORE_HOLDS, BEFORE_WAITLISTS, BEFORE_QUEUE] = ['171d741', 'fd3c183', '7706c27'] as const;

/** Describes where git has the history to build the commit from. */
function describeFrom(commit: string, name: string, tests: () => void): void {
  try {
    execFileSync('git', ['cat-file', '-e', `${commit}^{commit}`], { stdio: 'ignore' });
  } catch {
    console.warn(`SKIPPED: the upgrade needs the commit ${commit}, and git's history has not got it.`);
    describe.skip(name, tests);
    return;
  }
  describe(name, tests);
}

describeFrom(BEFORE_HOLDS, 'an upgrade from the release before holds', () => {
  const workplace = new Workplace();
  const scope = new Scope();
  const uri = freshDatabaseUri();
  const client = new mongo.MongoClient(uri);
  let before: Build;
  beforeAll(() => void (before = buildCommit(scope, BEFORE_HOLDS)));
  afterAll(async () => {
    await workplace.clear();
    await client.close();
    await scope.close();
  });
  const startOld = () => workplace.start(workplace.folder(), { MONGO_URI: uri }, before.root);

  it('sells on both, refuses what the old one would misread until it has ended, and keeps it from starting again', async () => {
    const old = await (await startOld()).ready();
    const event = await old.api.createEvent({ totalTickets: 20, maxTicketsPerUser: 10 });
    const sold = await old.api.book(event._id, { quantity: 3 });
    expect(sold.status).toBe(201);

    const fresh = await (await workplace.start(workplace.folder(), { MONGO_URI: uri })).ready();
    const { _id: bookingId } = sold.body.booking;
    const asks: (() => Promise<Answer>)[] = [
      () => fresh.api.hold(event._id),
      () => fresh.api.post(`/bookings/${bookingId}/cancel`, { quantity: 1 }, { 'idempotency-key': 'part' }),
      () => fresh.api.post(`/bookings/${bookingId}/transfer`, { userId: 'ann' }),
      () => fresh.api.request('PATCH', `/events/${event._id}`, { totalTickets: 30 }, { 'if-match': '*' }),
      () => fresh.api.request('DELETE', `/events/${event._id}`),
      () => fresh.api.post('/events/create', { name: 'Later', totalTickets: 1, salesStartAt: '2099-01-01T00:00:00Z' }),
      () => fresh.api.post('/users/erase', { userId: 'nobody' }),
    ];
    for (const ask of asks) {
      const refused = await ask();
      expectProblem(refused, 503, 'upgrade_in_progress');
      expect(refused.headers.get('retry-after')).toMatch(/^[1-3]$/);
    }
    const both = await Promise.all([old, fresh].map(({ api }) => api.bookUntilAnswered(event._id, { quantity: 2 })));
    expect(both.map(({ status }) => status)).toEqual([201, 201]);

    await old.end();
    await until('holds', async () => (await fresh.api.hold(event._id)).status === 201);
    // What the old one has sold is changed and cancelled by the new one.
    const statuses = [];
    for (const ask of asks) statuses.push((await ask()).status);
    expect(statuses).toEqual([201, 200, 200, 200, 409, 201, 200]);
    const { items, userId } = (await fresh.api.get(`/bookings/${bookingId}`)).body.booking;
    expect({ items, userId }).toEqual({ items: [{ quantity: 3, cancelledQuantity: 1 }], userId: 'ann' });
    // What is left is where a server of the release before would look for it.
    const { quantity } = (await client
      .db()
      .collection('bookings')
      .findOne({ _id: new mongo.ObjectId(bookingId) }))!;
    expect(quantity).toBe(2);
    expect((await fresh.api.post(`/bookings/${bookingId}/cancel`)).status).toBe(200);
    const { body } = await fresh.api.get(`/events/${event._id}`);
    expect(body.event).toMatchObject({ totalTickets: 30, availableTickets: 24, heldTickets: 2, soldTickets: 4 });

    const again = await startOld();
    expect((await again.exited).code).toBe(1);
    expect(again.output).toContain('A later release has changed this database');
    expect(await findImbalances(client.db())).toEqual([]);
  });
});

describeFrom(BEFORE_WAITLISTS, 'an upgrade from the release before waitlists', () => {
  const workplace = new Workplace();
  const scope = new Scope();
  const uri = freshDatabaseUri();
  const client = new mongo.MongoClient(uri);
  let before: Build;
  beforeAll(() => void (before = buildCommit(scope, BEFORE_WAITLISTS)));
  afterAll(async () => {
    await workplace.clear();
    await client.close();
    await scope.close();
  });
  const startOld = () => workplace.start(workplace.folder(), { MONGO_URI: uri }, before.root);

  it('holds on both, lets nobody wait until the old one has ended, and then offers what the old one has sold', async () => {
    const old = await (await startOld()).ready();
    const event = await old.api.createEvent({ totalTickets: 4, maxTicketsPerUser: 4 });
    const sold = await old.api.book(event._id, { quantity: 2 });
    const held = await old.api.hold(event._id, { userId: 'ann' });

    const fresh = await (await workplace.start(workplace.folder(), { MONGO_URI: uri })).ready();
    expect((await fresh.api.hold(event._id, { userId: 'bob' })).status).toBe(201);
    const join = () => fresh.api.join(event._id, { userId: 'eve', quantity: 2 });
    expectProblem(await join(), 503, 'upgrade_in_progress');
    expectProblem(await fresh.api.post('/users/erase', { userId: 'nobody' }), 503, 'upgrade_in_progress');
    // What is given back on the old one is for everybody.
    expect((await old.api.post(`/holds/${held.body.hold._id}/release`)).status).toBe(200);
    const both = [old, fresh].map(({ api }) => api.bookUntilAnswered(event._id, { userId: 'joe' }));
    expect((await Promise.all(both)).map(({ status }) => status).sort()).toEqual([201, 409]);

    await old.end();
    let entryId = '';
    await until('somebody waits', async () => {
      const { status, body } = await join();
      entryId = body.entry?._id;
      return status === 201;
    });
    expect((await fresh.api.post(`/bookings/${sold.body.booking._id}/cancel`)).status).toBe(200);
    const { status } = (await fresh.api.get(`/events/${event._id}/waitlist/${entryId}`)).body.entry;
    expect(status).toBe('offered');

    const again = await startOld();
    expect((await again.exited).code).toBe(1);
    expect(again.output).toContain('A later release has changed this database');
    expect(await findImbalances(client.db())).toEqual([]);
  });
});

describeFrom(BEFORE_QUEUE, 'an upgrade from the release before the queue', () => {
  const workplace = new Workplace();
  const scope = new Scope();
  const uri = freshDatabaseUri();
  let before: Build;
  beforeAll(() => void (before = buildCommit(scope, BEFORE_QUEUE)));
  afterAll(async () => {
    await workplace.clear();
    await scope.close();
  });
  const startOld = () => workplace.start(workplace.folder(), { MONGO_URI: uri }, before.root);

  it('sells on both, and queues nothing until the old one has ended, which would overtake it', async () => {
    const old = await (await startOld()).ready();
    const event = await old.api.createEvent({ totalTickets: 4 });
    const fresh = await (await workplace.start(workplace.folder(), { MONGO_URI: uri })).ready();
    const queue = () => fresh.api.book(event._id, { userId: 'eve' }, RESPOND_ASYNC);
    expectProblem(await queue(), 503, 'upgrade_in_progress');
    const both = await Promise.all([old, fresh].map(({ api }) => api.bookUntilAnswered(event._id)));
    expect(both.map(({ status }) => status)).toEqual([201, 201]);

    await old.end();
    let id = '';
    await until('a request is queued', async () => {
      const { status, body } = await queue();
      id = body.request?._id;
      return status === 202;
    });
    expect(await decided(fresh.api, id)).toMatchObject({ status: 'done' });

    const again = await startOld();
    expect((await again.exited).code).toBe(1);
    expect(again.output).toContain('A later release has changed this database');
  });
});
