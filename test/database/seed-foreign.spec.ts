import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { mongo } from 'mongoose';
import { Database, StartupError } from '../../src/platform/database/index.js';
import { importSeed, inspect, setAside } from '../../src/seed-import/index.js';
import { findImbalances } from '../support/check-books.js';
import { dump } from '../support/dump.js';
import { idOf } from '../support/factories.js';
import { beforeBulkWrite, beforeFind } from '../support/meanwhile.js';
import { QUIET } from '../support/quiet.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

const objectId = (number: number) => new mongo.ObjectId(idOf(number));
const AT = new Date('2026-01-13T10:30:00.000Z');
const SILENT = { warn: () => undefined };

const OPERA = { _id: objectId(1), name: 'Opera', totalTickets: 5, availableTickets: 3, __v: 0 };
const OPERA_BOOKINGS = [
  { _id: objectId(0x11), eventId: OPERA._id, userId: 'ann', bookedAt: AT, __v: 0 },
  { _id: objectId(0x12), eventId: OPERA._id, userId: 'bob', bookedAt: AT, __v: 0 },
];
/** Of a program that rents rooms, and has nothing to do with tickets. */
const MEETING = {
  _id: objectId(2),
  title: 'Standup',
  status: 'cancelled',
  version: 3,
  attendees: [7, new mongo.Long(5), new mongo.Double(5)],
};
const ROOM = { _id: objectId(0x21), eventId: MEETING._id, guest: 'cid', status: 'cancelled', quantity: 4 };

/** Edited by hand, or written by a program that has come after the Express API: each of them broke something. */
const BROKEN_EVENTS = [
  { ...OPERA, _id: 'opera' },
  { ...OPERA, _id: objectId(0x31), totalTickets: '5' },
  { ...OPERA, _id: objectId(0x32), totalTickets: Infinity },
  { ...OPERA, _id: objectId(0x33), createdAt: '2026-01-13' },
  { _id: objectId(0x34), name: 'Null', sections: null },
  { _id: objectId(0x35), name: 'Nulls', sections: [null] },
  { _id: objectId(0x36), name: 'Half', totalTickets: 5, revision: 1 },
  { ...OPERA, _id: objectId(0x37), createdAt: new Date(8.64e15) },
  { _id: { year: 2026, number: 1 }, name: 'Numbered' },
];
const BROKEN_BOOKINGS = [
  { ...OPERA_BOOKINGS[0], _id: 'booking' },
  { ...OPERA_BOOKINGS[0], _id: objectId(0x41), bookedAt: '2026-01-13' },
  { ...OPERA_BOOKINGS[0], _id: objectId(0x42), quantity: '2' },
  { ...OPERA_BOOKINGS[0], _id: objectId(0x43), eventId: 'the opera' },
  { ...OPERA_BOOKINGS[0], _id: objectId(0x44), items: [] },
  { _id: objectId(0x45), userId: 'ann' },
];

describe("a database that holds other documents than the Express API's", () => {
  const clients: mongo.MongoClient[] = [];
  const servers: RunningApp[] = [];
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  async function databaseWith(documents: Record<string, readonly object[]>) {
    const uri = freshDatabaseUri();
    const client = new mongo.MongoClient(uri);
    clients.push(client);
    for (const [name, all] of Object.entries(documents)) {
      if (all.length > 0)
        await client
          .db()
          .collection(name)
          .insertMany(all.map((one) => ({ ...one })));
    }
    return { uri, db: client.db() };
  }

  async function start(uri: string): Promise<RunningApp> {
    const server = await startApp({ uri, startDatabase: false });
    servers.push(server);
    await server.app.get(Database).start();
    return server;
  }

  it.each([
    ['of another program', [MEETING], [ROOM]],
    ["of another program beside the seed's", [OPERA, MEETING], [...OPERA_BOOKINGS, ROOM]],
    ['that are half the seed', [OPERA, ...BROKEN_EVENTS], [...OPERA_BOOKINGS, ...BROKEN_BOOKINGS]],
    ['that are bookings alone', [OPERA], [...OPERA_BOOKINGS, ROOM]],
    ['that are events alone', [OPERA, MEETING], OPERA_BOOKINGS],
  ])('refuses the start and writes nothing, with documents %s', async (_what, events, bookings) => {
    const { uri, db } = await databaseWith({ events, bookings });
    const before = await dump(db);

    const refusal = await start(uri).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartupError);
    const { message } = refusal as StartupError;
    expect(message).toMatch(/not of the Express API .*`node dist\/cli\/import\.js --dry-run`.*`.* --accept-report`\.$/);
    expect(message.split('\n')).toHaveLength(1);
    expect(await dump(db)).toEqual(before);
  });

  it('is refused with the figures and the first causes', async () => {
    const { uri } = await databaseWith({ events: [OPERA, MEETING], bookings: [...OPERA_BOOKINGS, ROOM] });
    await expect(start(uri)).rejects.toThrow(
      '1 of 2 documents in events and 1 of 3 documents in bookings are not of the Express API ' +
        '(events: "title" is no field of the Express API; bookings: "guest" is no field of the Express API); ',
    );
  });

  it('is reported cause by cause, each with its first 20 ids', async () => {
    const rooms = Array.from({ length: 23 }, (_, index) => ({ ...ROOM, _id: objectId(0x100 + index) }));
    const { db } = await databaseWith({
      events: [OPERA, ...BROKEN_EVENTS],
      bookings: [...OPERA_BOOKINGS, ...rooms],
      movements: [{ _id: 7, from: 'A', to: 'B' }],
    });

    const report = String(await inspect(db, QUIET));
    const ids = rooms.slice(0, 20).map(({ _id }) => String(_id));
    expect(report.split('\n')).toEqual(
      expect.arrayContaining([
        'events: of the Express API 1, taken over before 0, others 9',
        'bookings: of the Express API 2, taken over before 0, others 23',
        'movements: of the Express API 0, taken over before 0, others 1',
        'events, 1 × `_id` is a string, not an ObjectId:',
        '  "opera"',
        'events, 1 × `_id` is an object, not an ObjectId:',
        '  {year:2026,number:1}',
        'events, 1 × `totalTickets` is Infinity, not a finite number:',
        'events, 1 × `sections` is null, not an array:',
        'bookings, 23 × "guest" is no field of the Express API:',
        `  ${ids.join(', ')}, and 3 more`,
        'movements, 1 × `eventId` is missing:',
      ]),
    );
  });

  it('does not grow its report with the number of causes', async () => {
    const events = Array.from({ length: 60 }, (_, index) => ({
      ...OPERA,
      _id: objectId(0x100 + index),
      [`f${index}`]: 1,
    }));
    const { db } = await databaseWith({ events });
    const lines = String(await inspect(db, QUIET)).split('\n');
    expect(lines.filter((line) => line.startsWith('events, 1 ×'))).toHaveLength(50);
    expect(lines).toContain('events, 10 × other causes:');
  });

  it('is taken over for the rest once the others are set aside, each as it was', async () => {
    const { uri, db } = await databaseWith({
      events: [OPERA, MEETING, ...BROKEN_EVENTS],
      bookings: [...OPERA_BOOKINGS, ROOM, ...BROKEN_BOOKINGS],
      movements: [{ _id: 7, from: 'A', to: 'B' }],
    });
    const raw = async (name: string, filter: object) =>
      db.collection(name).find(filter, { raw: true }).sort({ _id: 1 }).toArray();
    const others = { _id: { $ne: OPERA._id } };
    const eventsBefore = await raw('events', others);

    await setAside(db, QUIET);
    expect(await raw('events_set_aside', {})).toEqual(eventsBefore);
    expect(await db.collection('bookings_set_aside').countDocuments()).toBe(1 + BROKEN_BOOKINGS.length);
    expect(await db.collection('movements_set_aside').find().toArray()).toEqual([{ _id: 7, from: 'A', to: 'B' }]);
    expect(await db.collection('events').countDocuments()).toBe(1);

    const { api } = await start(uri);
    expect(await api.get('/events')).toMatchObject({
      status: 200,
      body: { events: [{ name: 'Opera', soldTickets: 2 }] },
    });
    const { status, body } = await api.get('/bookings');
    expect([status, body.bookings.length]).toEqual([200, 2]);
    for (const { _id } of body.bookings) expect((await api.post(`/bookings/${_id}/cancel`)).status).toBe(200);
    expect((await api.get(`/events/${idOf(1)}/integrity`)).body).toMatchObject({ balanced: true });
    expect(await findImbalances(db)).toEqual([]);
  });

  it('can be set aside again after a crash between the copy and the removal', async () => {
    const { db } = await databaseWith({ events: [OPERA, MEETING], events_set_aside: [MEETING] });
    await setAside(db, QUIET);
    await setAside(db, QUIET);
    expect(await db.collection('events').find().toArray()).toEqual([OPERA]);
    expect(await db.collection('events_set_aside').countDocuments()).toBe(1);
  });

  it('loses no document whose place is taken by another with the same id', async () => {
    const { db } = await databaseWith({ events: [OPERA, MEETING], events_set_aside: [{ ...MEETING, version: 4 }] });
    const before = await dump(db);
    await expect(setAside(db, QUIET)).rejects.toThrow(StartupError);
    expect(await dump(db)).toEqual(before);
  });

  it("keeps what was taken over before, and adds an event of the seed's with its bookings", async () => {
    const { uri, db } = await databaseWith({ events: [OPERA], bookings: OPERA_BOOKINGS });
    const { api } = await start(uri);
    await api.book(idOf(1));
    const before = await dump(db);
    const restored = { bypassDocumentValidation: true };
    const jazz = { ...OPERA, _id: objectId(3), name: 'Jazz' };
    await db.collection('events').insertOne({ ...jazz }, restored);
    await db
      .collection('bookings')
      .insertOne({ ...OPERA_BOOKINGS[0]!, _id: objectId(0x13), eventId: jazz._id }, restored);

    await importSeed(db, SILENT, QUIET);
    const after = await dump(db);
    expect(after['events']).toEqual([...before['events']!, expect.objectContaining({ name: 'Jazz', soldTickets: 1 })]);
    expect(await findImbalances(db)).toEqual([]);
  });

  it('names a booking that has come after its event was taken over: its ticket is in no books', async () => {
    const { uri, db } = await databaseWith({ events: [OPERA], bookings: OPERA_BOOKINGS });
    await start(uri);
    const late = { ...OPERA_BOOKINGS[0]!, _id: objectId(0x13), eventId: idOf(1) };
    await db.collection('bookings').insertOne({ ...late }, { bypassDocumentValidation: true });

    await expect(importSeed(db, SILENT, QUIET)).rejects.toThrow(
      'its event was taken over before, without this booking',
    );
    await setAside(db, QUIET);
    await importSeed(db, SILENT, QUIET);
    expect(await db.collection('bookings_set_aside').find().toArray()).toEqual([late]);
    expect(await findImbalances(db)).toEqual([]);
  });

  it.each<[string, string, object, (act: () => Promise<unknown>) => void]>([
    ['something else', 'bookings', ROOM, (act) => beforeFind('bookings', 'items', act)],
    ['something else', 'events', MEETING, (act) => beforeBulkWrite('events', act)],
    ['a booking', 'bookings', { ...OPERA_BOOKINGS[0], _id: objectId(0x13) }, (act) => beforeBulkWrite('events', act)],
  ])('refuses the start when another program writes %s to %s meanwhile', async (_what, name, late, meanwhile) => {
    const { uri, db } = await databaseWith({ events: [OPERA], bookings: OPERA_BOOKINGS });
    meanwhile(() => db.collection(name).insertOne({ ...late }));

    const refusal = await start(uri).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartupError);
    expect((refusal as StartupError).message).toContain('Another program');
    expect(await db.collection('migrations').countDocuments()).toBe(0);
    const { attendees: _, ...fields }: mongo.Document = late;
    const written = await db.collection(name).findOne({ _id: fields['_id'] });
    expect(written).toMatchObject(fields);
    expect(written).not.toHaveProperty(name === 'events' ? 'revision' : 'items');
  });
});
