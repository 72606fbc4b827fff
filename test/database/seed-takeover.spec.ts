import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mongo } from 'mongoose';
import { migrations } from '../../src/app/database-schema.js';
import { idOf } from '../support/factories.js';
import { Database } from '../../src/platform/database/index.js';
import { findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { beforeBulkWrite, beforeFind } from '../support/meanwhile.js';
import { catchUp, Mirror } from '../support/mirror.js';
import { readCsv } from '../support/read-csv.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

const objectId = (number: number) => new mongo.ObjectId(idOf(number));
const [LEAKED, OVERSOLD, DIVIDED, MISSING] = [objectId(1), objectId(2), objectId(3), objectId(4)];
const [STALLS, BALCONY, GONE] = [objectId(0xa), objectId(0xb), objectId(0xc)];
/** The level of pino's warnings. */
const WARN = 40;
const AT = new Date('2026-01-13T10:30:00.000Z');

/** By the seed's README: one pool, one ticket for each booking. A crash between its two writes has lost one ticket. */
const README_EVENTS = [
  { _id: LEAKED, name: 'Leaked', totalTickets: 5, availableTickets: 1, __v: 0 },
  { _id: OVERSOLD, name: 'Oversold', totalTickets: 1, availableTickets: 0, __v: 0 },
];
const README_BOOKINGS = [
  ...['ann', 'bob', 'cid'].map((userId) => ({ eventId: LEAKED, userId, bookedAt: AT, __v: 0 })),
  ...['dan', 'eve'].map((userId) => ({ eventId: OVERSOLD, userId, bookedAt: AT, __v: 0 })),
  { eventId: MISSING, userId: 'fay', bookedAt: AT, __v: 0 },
];
/** By the seed's code: sections, of which it has sold one through the other, quantities and no users. */
const CODE_EVENTS = [
  {
    _id: DIVIDED,
    name: 'Divided',
    sections: [
      { _id: STALLS, name: 'Stalls', price: 50, capacity: 5, remaining: 3 },
      { _id: BALCONY, name: 'Balcony', price: 20, capacity: 1, remaining: -2 },
    ],
    createdAt: AT,
  },
];
const CODE_BOOKINGS = [
  { eventId: DIVIDED, sectionId: STALLS, qty: 2, createdAt: AT },
  { eventId: DIVIDED, sectionId: BALCONY, qty: 3, createdAt: AT },
  { eventId: String(DIVIDED), sectionId: GONE, qty: 1, createdAt: AT },
];

async function seedDatabase(): Promise<string> {
  const uri = freshDatabaseUri();
  const client = new mongo.MongoClient(uri);
  await client
    .db()
    .collection('events')
    .insertMany(structuredCopy([...README_EVENTS, ...CODE_EVENTS]));
  await client
    .db()
    .collection('bookings')
    .insertMany(structuredCopy([...README_BOOKINGS, ...CODE_BOOKINGS]));
  await client.close();
  return uri;
}

/** The driver writes an `_id` into what it inserts. */
const structuredCopy = <Document extends object>(documents: readonly Document[]) =>
  documents.map((copy) => ({ ...copy }));
const everything = async ({ db }: RunningApp) =>
  Promise.all(
    ['events', 'bookings', 'movements', 'migrations'].map((name) =>
      db.collection(name).find().sort({ _id: 1 }).toArray(),
    ),
  );
/** What is the same in every takeover of the same documents: the bookings' ids are given by the driver. */
const withoutTimes = ({ _id, updatedAt: _, ...document }: mongo.Document) =>
  'items' in document ? document : { _id, ...document };
const imbalancesIn = (logLines: readonly string[]) =>
  logLines.map((text) => JSON.parse(text)).filter(({ msg }) => String(msg).includes('did not balance'));

describe("a database of the seed's", () => {
  let logLines: string[];
  let running: RunningApp;
  beforeAll(async () => {
    logLines = [];
    running = await startApp({ uri: await seedDatabase(), logLines });
  });
  afterAll(() => running.close());

  const view = async (id: unknown) => (await running.api.get(`/events/${String(id)}`)).body.event;
  const bookingOf = async (filter: mongo.Document) => running.db.collection('bookings').findOne(filter);

  it('opens its books on what the bookings say, whatever the counters said', async () => {
    expect(await view(LEAKED)).toMatchObject({
      status: 'on_sale',
      totalTickets: 5,
      availableTickets: 2,
      soldTickets: 3,
    });
    expect(await view(OVERSOLD)).toMatchObject({
      status: 'ended',
      totalTickets: 2,
      availableTickets: 0,
      soldTickets: 2,
    });
    expect(await view(DIVIDED)).toMatchObject({
      status: 'ended',
      totalTickets: 9,
      availableTickets: 3,
      sections: [
        { name: 'Stalls', capacity: 5, availableTickets: 3 },
        { name: 'Balcony', capacity: 3, availableTickets: 0 },
        { name: 'Imported without a section', capacity: 1, availableTickets: 0 },
      ],
    });
    expect(await findImbalances(running.db)).toEqual([]);
    for (const id of [LEAKED, OVERSOLD, DIVIDED]) {
      expect((await running.api.get(`/events/${String(id)}/integrity`)).body).toMatchObject({
        balanced: true,
        differences: [],
      });
    }
  });

  it('is told of in the log: every pool that did not balance, by its event', () => {
    expect(imbalancesIn(logLines).map(({ level }) => level)).toEqual([WARN, WARN, WARN, WARN]);
    expect(imbalancesIn(logLines).map(({ eventId, msg }) => [eventId, msg])).toEqual([
      [
        String(LEAKED),
        'the books of "Leaked" did not balance: the event: capacity 5, available 1, sold 3 by its bookings',
      ],
      [
        String(OVERSOLD),
        'the books of "Oversold" did not balance: the event: capacity 1, available 0, sold 2 by its bookings',
      ],
      [String(DIVIDED), expect.stringContaining('section "Balcony": capacity 1, available -2, sold 3')],
      [String(DIVIDED), expect.stringContaining('no section of the event: capacity 0, available 0, sold 1')],
    ]);
  });

  it('is told of in the opening movements too, which stay when the log is gone', async () => {
    const stored = await running.db.collection('movements').find().sort({ _id: 1 }).toArray();
    expect(stored.map(({ _id, imbalances }) => [String(_id), imbalances])).toEqual([
      [String(LEAKED), ['the event: capacity 5, available 1, sold 3 by its bookings']],
      [String(OVERSOLD), ['the event: capacity 1, available 0, sold 2 by its bookings']],
      [
        String(DIVIDED),
        [
          'section "Balcony": capacity 1, available -2, sold 3 by its bookings',
          'no section of the event: capacity 0, available 0, sold 1 by its bookings',
        ],
      ],
    ]);
  });

  it('is told of in the log as far as bookings name an event that does not exist, and how many of all there were', () => {
    const told = logLines.map((text) => JSON.parse(text));
    expect(told).toContainEqual(expect.objectContaining({ level: WARN, orphans: 1 }));
    expect(told).toContainEqual(
      expect.objectContaining({ msg: expect.stringMatching(/^bookings taken over: 9 of 9 \(100 %\), /) }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ msg: expect.stringMatching(/^events taken over: 3 of 3 \(100 %\), /) }),
    );
  });

  it('loses nothing: no document, and no field that the seed had written', async () => {
    expect(await running.db.collection('events').countDocuments()).toBe(3);
    expect(await running.db.collection('bookings').countDocuments()).toBe(9);
    expect(await running.db.collection('events').findOne({ _id: OVERSOLD })).toMatchObject({
      __v: 0,
      importedCapacity: 1,
    });
    const divided = await running.db.collection('events').findOne({ _id: DIVIDED });
    expect(divided?.['sections']).toMatchObject([
      { _id: STALLS, price: 50, remaining: 3 },
      { _id: BALCONY, price: 20, remaining: -2, importedCapacity: 1 },
      { _id: DIVIDED },
    ]);
    expect(await bookingOf({ eventId: DIVIDED, qty: 3 })).toMatchObject({ qty: 3, sectionId: BALCONY, userId: null });
    expect(await bookingOf({ eventId: MISSING })).toMatchObject({ userId: 'fay', bookedAt: AT });
  });

  it('shows all of its bookings in the present shape', async () => {
    const { bookings } = (await running.api.get('/bookings')).body;
    expect(bookings).toHaveLength(9);
    for (const booking of bookings) expect(booking).toMatchObject({ status: 'confirmed', bookedAt: AT.toISOString() });
    const quantities = bookings.map(({ quantity }: { quantity: number }) => quantity);
    expect(quantities.sort()).toEqual([1, 1, 1, 1, 1, 1, 1, 2, 3]);
  });

  it('has feeds that add up to its counts, and files with all of its bookings', async () => {
    for (const id of [LEAKED, OVERSOLD, DIVIDED].map(String)) {
      const mirror = new Mirror();
      await catchUp(running.api, id, mirror, 1);
      const { availableTickets, heldTickets, soldTickets } = await view(id);
      expect(mirror.counts).toEqual([availableTickets, heldTickets, soldTickets]);
    }
    const [, ...rows] = readCsv((await running.api.get(`/events/${String(DIVIDED)}/bookings.csv`)).body);
    expect(rows.map(([, userId, , section, quantity]) => [userId, section, quantity]).sort()).toEqual([
      ['', 'Balcony', '3'],
      ['', 'Imported without a section', '1'],
      ['', 'Stalls', '2'],
    ]);
    for (const path of ['movements', 'bookings.csv']) {
      expectProblem(await running.api.get(`/events/${String(MISSING)}/${path}`), 404, 'event_not_found');
    }
  });

  it('stays as it is when the next server starts on it', async () => {
    const before = await everything(running);
    const laterLines: string[] = [];
    const later = await startApp({ uri: running.uri, logLines: laterLines });
    expect(await everything(later)).toEqual(before);
    expect(imbalancesIn(laterLines)).toEqual([]);
    await later.close();
  });
});

describe("what is left of a database of the seed's", () => {
  it('is sold, what the seed has sold is taken back, and the books balance', async () => {
    const running = await startApp({ uri: await seedDatabase() });
    expect((await running.api.book(String(LEAKED), { quantity: 2 })).status).toBe(201);
    expect((await running.api.book(String(LEAKED))).body).toMatchObject({ code: 'sold_out' });
    for (const filter of [{ userId: 'ann' }, { qty: 2 }, { qty: 1 }]) {
      const booking = await running.db.collection('bookings').findOne(filter);
      const cancelled = await running.api.post(`/bookings/${String(booking?._id)}/cancel`);
      expect([cancelled.status, cancelled.body.booking.status]).toEqual([200, 'cancelled']);
    }
    expect((await running.api.book(String(LEAKED))).status).toBe(201);
    const { event } = (await running.api.get(`/events/${String(DIVIDED)}`)).body;
    expect(event).toMatchObject({ availableTickets: 6, soldTickets: 3 });
    expect(await findImbalances(running.db)).toEqual([]);
    for (const id of [LEAKED, DIVIDED]) {
      expect((await running.api.get(`/events/${String(id)}/integrity`)).body.differences).toEqual([]);
    }
    await running.close();
  });
});

describe("an event of the seed's database that was taken over", () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp({ uri: await seedDatabase() });
  });
  afterAll(() => running.close());
  afterEach(async () => {
    expect(await findImbalances(running.db)).toEqual([]);
    for (const id of [LEAKED, OVERSOLD, DIVIDED]) {
      expect((await running.api.get(`/events/${String(id)}/integrity`)).body.differences).toEqual([]);
    }
  });

  const edit = async (id: unknown, patch: object) => {
    const { status, body } = await running.api.request('PATCH', `/events/${String(id)}`, patch, { 'if-match': '*' });
    return status === 200 ? body.event : body.code;
  };

  it('as ended goes on sale again, and sells what its capacity is raised by', async () => {
    expect(await edit(OVERSOLD, { status: 'on_sale' })).toMatchObject({ status: 'on_sale', totalTickets: 2 });
    expect((await running.api.book(String(OVERSOLD))).body.code).toBe('sold_out');
    expect(await edit(OVERSOLD, { totalTickets: 1 })).toBe('capacity_in_use');
    expect(await edit(OVERSOLD, { totalTickets: 5 })).toMatchObject({ availableTickets: 3, soldTickets: 2 });
    expect((await running.api.book(String(OVERSOLD), { quantity: 2 })).status).toBe(201);
    expect(await edit(OVERSOLD, { totalTickets: 4, maxTicketsPerUser: 1 })).toMatchObject({ availableTickets: 0 });
    const booking = await running.db.collection('bookings').findOne({ userId: 'dan' });
    expect((await running.api.post(`/bookings/${String(booking?._id)}/cancel`)).status).toBe(200);
    expect((await running.api.book(String(OVERSOLD), { userId: 'eve' })).body.code).toBe('user_limit_reached');
    expect((await running.api.book(String(OVERSOLD), { userId: 'dan' })).status).toBe(201);
  });

  it('with sections gets others, and loses none that was sold', async () => {
    expect(await edit(DIVIDED, { status: 'on_sale' })).toMatchObject({ status: 'on_sale' });
    const sections = [
      { _id: String(STALLS), name: 'Floor', capacity: 4 },
      { _id: String(BALCONY), price: { amount: 2_000, currency: 'EUR' } },
      { name: 'Boxes', capacity: 2 },
    ];
    const edited = await edit(DIVIDED, { sections });
    expect(edited).toMatchObject({ totalTickets: 10, availableTickets: 4, soldTickets: 6 });
    expect(edited.sections.map(({ name }: { name: string }) => name)).toEqual([
      'Floor',
      'Balcony',
      'Imported without a section',
      'Boxes',
    ]);
    const stored = await running.db.collection('events').findOne({ _id: DIVIDED });
    expect(stored?.['sections']).toMatchObject([
      { price: 50, remaining: 3 },
      { price: { amount: 2_000, currency: 'EUR' }, remaining: -2, importedCapacity: 1 },
      { _id: DIVIDED },
      { name: 'Boxes' },
    ]);
    for (const sectionId of [String(STALLS), edited.sections[3]._id]) {
      expect((await running.api.book(String(DIVIDED), { sectionId, quantity: 2 })).status).toBe(201);
    }

    const booking = await running.db.collection('bookings').findOne({ qty: 1 });
    expect((await running.api.post(`/bookings/${String(booking?._id)}/cancel`)).status).toBe(200);
    for (const _id of [DIVIDED, BALCONY, STALLS]) {
      expect(await edit(DIVIDED, { sections: [{ _id: String(_id), remove: true }] })).toBe('section_in_use');
    }
  });

  it('is not deleted: its bookings name it', async () => {
    const answer = await running.api.request('DELETE', `/events/${String(LEAKED)}`);
    expect([answer.status, answer.body.code]).toEqual([409, 'event_in_use']);
  });
});

describe("a database of the seed's on which four servers start at once", () => {
  it('is taken over once', async () => {
    const uri = await seedDatabase();
    const servers = await Promise.all([1, 2, 3, 4].map(() => startApp({ uri })));
    const { db } = servers[0]!;
    expect(await findImbalances(db)).toEqual([]);
    // Their ids are those of the events: what keeps two servers from opening the same books twice.
    const opened = await db.collection('movements').distinct('_id');
    expect(opened.map(String).sort()).toEqual([LEAKED, OVERSOLD, DIVIDED].map(String).sort());
    expect(await db.collection('migrations').distinct('_id')).toEqual([
      ...migrations.map(({ id }) => id),
      '0007-holds',
      '0008-waitlist',
      '0009-queue',
    ]);
    await Promise.all(servers.map((server) => server.close()));
  });
});

describe("a server that is overtaken in the midst of taking over a seed's database", () => {
  const servers: RunningApp[] = [];
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  /** Takes the database over, sells what is left of one event, and takes one of the seed's bookings back. */
  async function overtake(uri: string): Promise<void> {
    const quick = await startApp({ uri });
    servers.push(quick);
    expect((await quick.api.book(String(LEAKED), { quantity: 2 })).status).toBe(201);
    const eve = await quick.db.collection('bookings').findOne({ userId: 'eve' });
    expect((await quick.api.post(`/bookings/${String(eve?._id)}/cancel`)).status).toBe(200);
    opened = await openings(quick);
  }

  let opened: mongo.Document[];
  const openings = ({ db }: RunningApp) => db.collection('movements').find({ revision: 1 }).sort({ _id: 1 }).toArray();

  it.each<[string, (act: () => Promise<void>) => void]>([
    ['it looks at what the bookings belong to', (act) => beforeFind('events', 'revision', act)],
    ['it reads the bookings that it takes over', (act) => beforeFind('bookings', 'items', act)],
    ['it writes the bookings', (act) => beforeBulkWrite('bookings', act)],
    ['it writes the movements', (act) => beforeBulkWrite('movements', act)],
    ['it writes the events', (act) => beforeBulkWrite('events', act)],
  ])('before %s takes nothing back that the other has done', async (_when, meanwhile) => {
    const uri = await seedDatabase();
    const slow = await startApp({ uri, startDatabase: false });
    servers.push(slow);
    meanwhile(() => overtake(uri));

    await slow.app.get(Database).start();
    expect(servers).toHaveLength(2);
    expect((await slow.api.book(String(LEAKED))).body).toMatchObject({ code: 'sold_out' });
    expect(await openings(slow)).toEqual(opened);
    expect(await findImbalances(slow.db)).toEqual([]);
  });
});

describe("a takeover of a seed's database that a crash has ended", () => {
  const servers: RunningApp[] = [];
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it.each(['bookings', 'movements', 'events'])('before it has written %s is ended by the next start', async (lost) => {
    const uri = await seedDatabase();
    const crashing = await startApp({ uri, startDatabase: false });
    servers.push(crashing);
    beforeBulkWrite(lost, () => Promise.reject(new Error('crashed')));
    await expect(crashing.app.get(Database).start()).rejects.toThrow('crashed');
    jest.restoreAllMocks();

    const later = await startApp({ uri });
    servers.push(later);
    const untouched = await startApp({ uri: await seedDatabase() });
    servers.push(untouched);
    const [events, bookings] = await everything(later);
    const [otherEvents, otherBookings] = await everything(untouched);
    expect(events!.map(withoutTimes)).toEqual(otherEvents!.map(withoutTimes));
    expect(bookings!.map(withoutTimes)).toEqual(otherBookings!.map(withoutTimes));
    expect(await findImbalances(later.db)).toEqual([]);
  });
});
