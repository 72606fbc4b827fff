import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { mongo } from 'mongoose';
import type { ErasureRule, ErasureSource } from '../../src/bookings/decide/erasure-rule.js';
import { BookingsService } from '../../src/bookings/index.js';
import { BookingsErasure } from '../../src/bookings/store/bookings.erasure.js';
import { UserTicketsRepository } from '../../src/bookings/store/user-tickets.repository.js';
import { ErasuresRepository } from '../../src/erasure/store/erasures.repository.js';
import { EntriesErasure } from '../../src/waitlist/store/entries.erasure.js';
import { HoldsErasure } from '../../src/holds/store/holds.erasure.js';
import { SHUTDOWN_TIMES, type ShutdownTimes } from '../../src/platform/http/index.js';
import { Upgrade, upgradeInProgress } from '../../src/platform/database/index.js';
import type { Api } from '../support/api.js';
import { findImbalances } from '../support/check-books.js';
import { dump } from '../support/dump.js';
import { collectionsWith, findHalves, PSEUDONYMS, pseudonymsIn, ZOE } from '../support/erasure-races.js';
import { expectProblem } from '../support/expect-problem.js';
import type { Control } from '../support/race.js';
import { withRegistrations } from '../support/registrations.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { without } from '../support/without.js';

const erase = (api: Api, userId = ZOE) => api.post('/users/erase', { userId });

/** Ids of events at which Zoe is stored in every way there is, with data of others between. */
interface Stored {
  readonly limited: string;
  readonly open: string;
}

async function storeEverywhere({ api, db }: RunningApp): Promise<Stored> {
  const limited = (await api.createEvent({ totalTickets: 100, maxTicketsPerUser: 8 }))._id;
  const open = (await api.createEvent({ totalTickets: 100 }))._id;
  const notes = { metadata: { name: ZOE } };
  for (const eventId of [limited, open]) {
    const book = async (userId: string, more: object = {}, headers: Record<string, string> = {}) => {
      const { status, body } = await api.book(eventId, { userId, ...more }, headers);
      expect(status).toBe(201);
      return body.booking._id as string;
    };
    const act = async (path: string, body?: unknown, headers?: Record<string, string>) => {
      const answer = await api.post(path, body, headers);
      expect(answer.status).toBeLessThan(300);
      return answer.body;
    };
    await book(ZOE, { quantity: 2, ...notes }, { 'idempotency-key': 'zoe-1' });
    const part = await book(ZOE, { quantity: 2, reference: 'order-7' }, { 'idempotency-key': 'zoe-2' });
    await act(`/bookings/${part}/cancel`, { quantity: 1, reason: 'ill' }, { 'idempotency-key': 'part-1' });
    await act(`/bookings/${await book(ZOE)}/cancel`);
    const given = await book(ZOE, notes, { 'idempotency-key': 'zoe-3' });
    await act(`/bookings/${given}/transfer`, { userId: 'bob' });
    const back = await book('bob', { metadata: { name: 'bob' } }, { 'idempotency-key': 'bob-1' });
    for (const userId of [ZOE, 'carol', ZOE, 'dan', ZOE]) await act(`/bookings/${back}/transfer`, { userId });
    const away = await book('bob', { quantity: 2 });
    for (const userId of [ZOE, 'carol']) await act(`/bookings/${away}/transfer`, { userId });
    const hold = async (userId: string, key: string) =>
      (await act('/holds', { eventId, userId, ...notes }, { 'idempotency-key': key })).hold._id as string;
    await hold(ZOE, 'zoe-4');
    await act(`/holds/${await hold(ZOE, 'zoe-5')}/confirm`, { paymentReference: `pay-${eventId}` });
    await act(`/holds/${await hold(ZOE, 'zoe-6')}/release`);
    await act('/holds', { eventId, userId: 'bob' });
  }
  for (const isOffered of [false, true]) {
    const { _id } = await api.createEvent({ totalTickets: 1 });
    const { booking } = (await api.book(_id, { userId: 'bob' })).body;
    const joined = await api.post(
      `/events/${_id}/waitlist`,
      { userId: ZOE, quantity: 1 },
      { 'idempotency-key': 'zoe' },
    );
    expect(joined.status).toBe(201);
    if (isOffered) await api.post(`/bookings/${booking._id}/cancel`);
  }
  const imported = {
    items: [{ quantity: 1 }],
    quantity: 1,
    status: 'confirmed',
    bookedAt: new Date(),
    imported: true,
  };
  const nowhere = new mongo.ObjectId();
  await db.collection('bookings').insertMany([
    { ...imported, eventId: nowhere, userId: ZOE },
    { ...imported, eventId: nowhere, userId: 'bob' },
  ]);
  // As an earlier server has stored it.
  await db.collection('bookingChanges').updateMany({ number: 1, kind: 'transferred' }, { $unset: { from: 1 } });
  return { limited, open };
}

let running: RunningApp;
let events: Stored;
let before: Record<string, mongo.Document[]>;
beforeAll(async () => {
  running = await startApp();
  events = await storeEverywhere(running);
  before = await dump(running.db);
});
afterAll(() => running.close());

describe('erasing a user who is stored everywhere', () => {
  let first: { success: boolean; replaced: number; done: boolean };
  beforeAll(async () => {
    first = (await erase(running.api)).body;
  });

  it('says how many documents it has changed', () => {
    // At each event six bookings, three holds and ten changes; two who wait, one with an offer; and the one that was imported.
    expect(first).toEqual({ success: true, replaced: 42, done: true });
  });

  it('leaves the name nowhere', async () => {
    expect(before['bookings']!.length).toBeGreaterThan(0);
    expect(await collectionsWith(running.db, ZOE)).toEqual([]);
  });

  it('puts one pseudonym in its place, and changes nothing else', async () => {
    const after = await dump(running.db);
    const [pseudonym, ...others] = await pseudonymsIn(running.db);
    expect(others).toEqual([]);
    const renamed = (documents: mongo.Document[]) => JSON.stringify(documents).replaceAll(ZOE, pseudonym!);
    for (const name of ['movements', 'eventEdits', 'apiKeys']) expect(after[name]).toEqual(before[name]);
    const isBuyer = ({ userId, bought }: mongo.Document) => (bought?.userId ?? userId) === ZOE;
    const withoutNotes = (document: mongo.Document) => {
      const { metadata: _metadata, idempotency: _idempotency, ...rest } = document;
      return isBuyer(document) ? rest : document;
    };
    for (const name of ['bookings', 'holds', 'waitlistEntries']) {
      expect(after[name]).toEqual(JSON.parse(renamed(before[name]!.map(withoutNotes)), revive));
    }
    const givers = (documents: mongo.Document[]) => documents.map(({ from: _from, ...rest }) => rest);
    expect(givers(after['bookingChanges']!)).toEqual(JSON.parse(renamed(givers(before['bookingChanges']!)), revive));
    const counts = (documents: mongo.Document[]) =>
      documents.map(({ userId, tickets }) => `${userId} ${tickets}`).sort();
    expect(counts(after['userTickets']!)).toEqual(counts(JSON.parse(renamed(before['userTickets']!))));
    expect(await findImbalances(running.db)).toEqual([]);
    expect(await findHalves(running.db)).toEqual([]);
    for (const eventId of Object.values(events)) {
      expect((await running.api.get(`/events/${eventId}/integrity`)).body).toMatchObject({ balanced: true });
    }
  });

  it('stores who has given tickets away, also where an earlier server has not', async () => {
    const after = await dump(running.db);
    const transfers = after['bookingChanges']!.filter(({ kind }) => kind === 'transferred');
    for (const { bookingId, number, from } of transfers) {
      const earlier = after['bookingChanges']!.find(
        (change) => change['number'] === number - 1 && String(change['bookingId']) === String(bookingId),
      );
      const booking = after['bookings']!.find(({ _id }) => String(_id) === String(bookingId))!;
      expect(from).toBe(earlier ? earlier['after'].userId : booking['bought'].userId);
    }
  });

  it('replaces nothing more when it is repeated', async () => {
    const stored = await dump(running.db);
    expect((await erase(running.api)).body).toEqual({ success: true, replaced: 0, done: true });
    expect(await dump(running.db)).toEqual(stored);
  });
});

/** The same source with another part. */
function replaced(source: ErasureSource, parts: Partial<ErasureSource>): ErasureSource {
  return Object.assign(Object.create(source) as ErasureSource, parts);
}

/** As BSON has them, from JSON. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (/^[0-9a-f]{24}$/.test(value)) return new mongo.ObjectId(value);
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? new Date(value) : value;
}

const isSource =
  (kind: typeof BookingsErasure | typeof EntriesErasure | typeof HoldsErasure) => (source: ErasureSource) =>
    source instanceof kind;
const changed = (is: (source: ErasureSource) => boolean, change: (source: ErasureSource) => readonly ErasureSource[]) =>
  withRegistrations(({ erasures = [], ...rest }) => ({
    ...rest,
    erasures: erasures.flatMap((source) => (is(source) ? change(source) : source)),
  }));
const withRule = (change: (rule: ErasureRule) => Partial<ErasureRule>) =>
  changed(isSource(BookingsErasure), (source) => [
    replaced(source, { rule: { ...source.rule, ...change(source.rule) } }),
  ]);
const countsStay = without('the deletion of counts', UserTicketsRepository, 'update', (update) => (tx, changes) => {
  return update(
    tx,
    changes.map(({ before, after }) => ({ before, after: { ...after, isStored: true } })),
  );
});
const unended = without('an end', ErasuresRepository, 'end', () => () => Promise.resolve());

/** What is taken away, and where the name is left then. */
const FORGETFUL: readonly (readonly [what: string, override: Control['override'], left: readonly string[]])[] = [
  ['holds', changed(isSource(HoldsErasure), () => []), ['holds']],
  ['entries of waitlists', changed(isSource(EntriesErasure), () => []), ['waitlistEntries']],
  ['bookings', changed(isSource(BookingsErasure), () => []), ['bookingChanges', 'bookings']],
  ['receivers', withRule(() => ({ follow: () => [] })), ['bookingChanges', 'bookings']],
  [
    'givers',
    withRule((rule) => ({
      lookups: (...about) => rule.lookups(...about).filter(({ by }) => by !== 'from'),
    })),
    ['bookingChanges', 'bookings'],
  ],
  [
    'bookings of no event',
    changed(isSource(BookingsErasure), (source) => [replaced(source, { eraseAt: () => Promise.resolve(0) })]),
    ['bookings', 'erasures'],
  ],
  ['the end of counts', countsStay.override, ['userTickets']],
  ['an end of the erasure', unended.override, ['erasures']],
];

describe('an erasure that forgets something (negative control)', () => {
  it.each(FORGETFUL)('leaves the name in the database: %s', async (_what, override, left) => {
    const forgetful = await startApp({ override });
    try {
      for (const [name, documents] of Object.entries(before)) {
        const collection = forgetful.db.collection(name);
        if (documents.length > 0 && (await collection.countDocuments()) === 0) await collection.insertMany(documents);
      }
      expect((await erase(forgetful.api)).status).toBe(200);
      expect(await collectionsWith(forgetful.db, ZOE)).toEqual(expect.arrayContaining([...left]));
    } finally {
      await forgetful.close();
    }
  });
});

describe('a user who comes back after an erasure', () => {
  it('starts at zero, with the same keys, while the pseudonym keeps its tickets', async () => {
    const running = await startApp();
    try {
      const { api, db } = running;
      const { _id } = await api.createEvent({ totalTickets: 20, maxTicketsPerUser: 4 });
      const book = (userId: string, quantity: number) =>
        api.book(_id, { userId, quantity }, { 'idempotency-key': 'k' });
      expect((await book(ZOE, 4)).status).toBe(201);
      expect((await erase(api)).body).toEqual({ success: true, replaced: 1, done: true });
      const [pseudonym] = await pseudonymsIn(db);
      const again = await book(ZOE, 4);
      expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, null]);
      for (const userId of [ZOE, pseudonym]) {
        expectProblem(await api.book(_id, { userId }), 409, 'user_limit_reached');
      }
      expect((await erase(api)).body).toEqual({ success: true, replaced: 1, done: true });
      expect(await pseudonymsIn(db)).toHaveLength(2);
      expect(await findImbalances(db)).toEqual([]);
    } finally {
      await running.close();
    }
  });
});

/** A server that ends in the middle of an erasure: its second transaction is never answered. */
function withCrash(builder: TestingModuleBuilder): TestingModuleBuilder {
  let batches = 0;
  return without('a second batch', BookingsService, 'submit', (submit) => (command, hasDisconnected) => {
    if (command.kind === 'eraseUser' && ++batches === 2) return new Promise(() => undefined);
    return submit(command, hasDisconnected) as Promise<never>;
  }).override(builder.overrideProvider(SHUTDOWN_TIMES).useValue({ delayMs: 0, drainMs: 0 } satisfies ShutdownTimes));
}

/** Begins on a server that crashes, and goes on with another one. Returns the pseudonyms that are stored then. */
async function eraseWithCrash(override: Control['override']): Promise<string[]> {
  const running = await startApp({ override: (builder) => withCrash(override(builder)) });
  const { api, db, uri } = running;
  for (let event = 0; event < 3; event++) await api.book((await api.createEvent())._id, { userId: ZOE });
  erase(api).catch(() => undefined);
  await until('a batch is committed', async () => (await pseudonymsIn(db)).length > 0 && (await countErased(db)) === 1);
  const another = await startApp({ uri, override });
  try {
    expect((await erase(another.api)).body).toEqual({ success: true, replaced: 2, done: true });
    expect(await collectionsWith(db, ZOE)).toEqual([]);
    return await pseudonymsIn(db);
  } finally {
    await another.close();
    await running.close();
  }
}

function countErased(db: mongo.Db): Promise<number> {
  return db.collection('bookings').countDocuments({ userId: /^erased-/ });
}

describe('an erasure whose server has crashed between two batches', () => {
  it('goes on on another server, with the same pseudonym', async () => {
    expect(await eraseWithCrash((builder) => builder)).toHaveLength(1);
  });

  it('gives the user two pseudonyms if none is stored (negative control)', async () => {
    expect(await eraseWithCrash(PSEUDONYMS.override)).toHaveLength(2);
  });
});

describe('POST /users/erase', () => {
  let running: RunningApp;
  beforeAll(async () => (running = await startApp()));
  afterAll(() => running.close());

  it('replaces nothing, and stores nothing, for a user who is not stored', async () => {
    const stored = await dump(running.db);
    expect((await erase(running.api, 'nobody')).body).toEqual({ success: true, replaced: 0, done: true });
    expect(await dump(running.db)).toEqual(stored);
  });

  it.each([{}, { userId: '' }, { userId: 1 }, { userId: 'x'.repeat(129) }, { userId: 'ann', more: 1 }])(
    'refuses the body %j',
    async (body) => {
      expectProblem(await running.api.post('/users/erase', body), 400, 'validation_failed');
    },
  );

  it('goes on with the same pseudonym, in more than one transaction at an event', async () => {
    const { api, db } = running;
    const { _id } = await api.createEvent({ totalTickets: 1_000 });
    const booking = { eventId: new mongo.ObjectId(_id), userId: 'box office', items: [{ quantity: 1 }], quantity: 1 };
    await db
      .collection('bookings')
      .insertMany(Array.from({ length: 250 }, () => ({ ...booking, status: 'cancelled', bookedAt: new Date() })));
    expect((await erase(api, 'box office')).body).toEqual({ success: true, replaced: 250, done: true });
    expect(await db.collection('bookings').distinct('userId', { eventId: booking.eventId })).toHaveLength(1);
  });

  it('is refused while a server of an earlier release may run', async () => {
    const underWay = without('servers of this release alone', Upgrade, 'assertDone', () => () => {
      throw upgradeInProgress();
    });
    const upgrading = await startApp({ override: underWay.override });
    try {
      expectProblem(await erase(upgrading.api), 503, 'upgrade_in_progress');
    } finally {
      await upgrading.close();
    }
  });
});
