import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Connection, createConnection, mongo } from 'mongoose';
import { recountSources } from '../../src/app/recount-sources.js';
import { IntegrityRepository, IntegrityService } from '../../src/integrity/index.js';
import { idOf } from '../support/factories.js';
import { runToEnd } from '../support/server-process.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri, startReplicaSet, uriOn } from '../support/start-mongo.js';

const audit = (uri: string) => runToEnd(process.cwd(), 'dist/cli/audit.js', ['--uri', uri]);
const UNCHECKED = { bypassDocumentValidation: true };

describe('the recount of a whole database', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());

  let plain: mongo.ObjectId;
  let divided: mongo.ObjectId;
  let booking: mongo.ObjectId;
  beforeEach(async () => {
    const { api, db } = running;
    await Promise.all(
      ['events', 'bookings', 'bookingChanges', 'movements', 'userTickets'].map((name) =>
        db.collection(name).deleteMany({}),
      ),
    );
    const events = [
      await api.createEvent({ totalTickets: 5 }),
      await api.createEvent({
        sections: [
          { name: 'Stalls', capacity: 3 },
          { name: 'Balcony', capacity: 2 },
        ],
      }),
    ];
    [plain, divided] = events.map(({ _id }) => new mongo.ObjectId(_id as string)) as [mongo.ObjectId, mongo.ObjectId];
    booking = new mongo.ObjectId((await api.book(events[0]._id, { quantity: 2 })).body.booking._id as string);
    const { body } = await api.book(events[1]._id, { sectionId: events[1].sections[1]._id });
    await api.post(`/bookings/${body.booking._id}/cancel`);
    await api.book(events[1]._id, { sectionId: events[1].sections[0]._id });
  });

  const recount = () => running.app.get(IntegrityService).recountAll();
  const events = () => running.db.collection('events');
  const bookings = () => running.db.collection('bookings');
  const movements = () => running.db.collection('movements');
  /** What it finds wrong: the checks, by the event that it finds them in. */
  const faults = async () => {
    const { unbalanced } = await recount();
    return unbalanced.map(({ eventId, differences }) => [eventId, [...new Set(differences.map(({ check }) => check))]]);
  };

  it('takes the movements of an event that was deleted for no orphans', async () => {
    const { _id } = await running.api.createEvent();
    expect((await running.api.request('DELETE', `/events/${_id}`)).status).toBe(204);
    expect((await recount()).orphans['movements']).toBe(0);
    await running.db.collection('eventEdits').deleteMany({});
    expect((await recount()).orphans['movements']).toBe(2);
  });

  it('finds nothing in what the product has written', async () => {
    expect(await recount()).toEqual({
      events: 2,
      unbalanced: [],
      orphans: {
        events: 0,
        bookings: 0,
        bookingChanges: 0,
        holds: 0,
        movements: 0,
        userTickets: 0,
        waitlistEntries: 0,
        requests: 0,
      },
    });
  });

  it('finds a booking that was deleted', async () => {
    await bookings().deleteOne({ _id: booking });
    expect(await faults()).toEqual([[String(plain), ['soldTickets by the bookings', 'movements of the booking']]]);
  });

  it('finds a booking that took no tickets', async () => {
    await bookings().insertOne({ ...(await bookings().findOne({ _id: booking }))!, _id: new mongo.ObjectId() });
    expect(await faults()).toEqual([[String(plain), ['soldTickets by the bookings', 'movements of the booking']]]);
  });

  it('finds a booking that was cancelled without returning its tickets', async () => {
    await bookings().updateOne({ _id: booking }, { $set: { status: 'cancelled' } });
    expect(await faults()).toEqual([[String(plain), ['soldTickets by the bookings', 'movements of the booking']]]);
  });

  it('finds tickets that have vanished from a counter', async () => {
    await events().updateOne({ _id: plain }, { $inc: { availableTickets: -1 } }, UNCHECKED);
    expect(await faults()).toEqual([
      [String(plain), ['capacity = available + held + sold', 'availableTickets by the movements']],
    ]);
  });

  it('finds a section that was sold through its neighbour, though the event adds up', async () => {
    const change = {
      'sections.0.availableTickets': -1,
      'sections.0.soldTickets': 1,
      'sections.1.availableTickets': 1,
      'sections.1.soldTickets': -1,
    };
    await events().updateOne({ _id: divided }, { $inc: change }, UNCHECKED);
    const { unbalanced } = await recount();
    expect(unbalanced.map(({ eventId }) => eventId)).toEqual([String(divided)]);
    const sections = unbalanced[0]!.differences.map(({ check, expected, found }) => [check, found - expected]);
    expect(sections).toEqual(
      expect.arrayContaining([
        ['soldTickets by the bookings', 1],
        ['soldTickets by the bookings', -1],
        ['no count is negative', -1],
      ]),
    );
  });

  it('finds a movement that was deleted, and one too many', async () => {
    const sale = (await movements().findOne({ eventId: plain, revision: 2 }))!;
    await movements().deleteOne({ _id: sale._id });
    const missing = await faults();
    await movements().insertMany([sale, { ...sale, _id: new mongo.ObjectId(), revision: 3 }]);
    const doubled = await faults();
    for (const found of [missing, doubled]) {
      expect(found).toEqual([
        [String(plain), expect.arrayContaining(['soldTickets by the movements', 'movements of the booking'])],
      ]);
    }
    expect(doubled[0]![1]).toContain('event.revision covers the movements');
  });

  it('finds a count of a user that is not what the bookings say', async () => {
    const { api, db } = running;
    const { _id } = await api.createEvent({ totalTickets: 5, maxTicketsPerUser: 4 });
    await api.book(_id, { quantity: 2 });
    await api.book(_id, { userId: 'ann' });
    expect(await faults()).toEqual([]);
    await db
      .collection('userTickets')
      .updateOne({ eventId: new mongo.ObjectId(_id as string), userId: 'ann' }, { $set: { tickets: 3 } });
    expect(await faults()).toEqual([[_id, ['counts of users by their bookings']]]);
  });

  it('finds every event that does not balance, and counts what names no event', async () => {
    for (const _id of [plain, divided]) {
      await events().updateOne({ _id }, { $inc: { soldTickets: 1 } }, UNCHECKED);
    }
    const orphan = { eventId: new mongo.ObjectId(idOf(7)), _id: new mongo.ObjectId() };
    await bookings().insertOne({ ...(await bookings().findOne({ _id: booking }))!, ...orphan });
    await movements().insertOne({ ...(await movements().findOne({ eventId: plain }))!, ...orphan });

    const { events: recounted, unbalanced, orphans } = await recount();
    expect(recounted).toBe(2);
    expect(unbalanced.map(({ eventId }) => eventId).sort()).toEqual([String(plain), String(divided)].sort());
    expect(orphans).toEqual({
      events: 0,
      bookings: 1,
      bookingChanges: 0,
      holds: 0,
      movements: 1,
      userTickets: 0,
      waitlistEntries: 0,
      requests: 0,
    });
  });

  it('ends with 1 as a command where anything is off, be it only a booking of no event', async () => {
    const command = () => audit(running.uri);
    expect(await command()).toMatchObject({ code: 0, stdout: expect.stringContaining('every book balances') });

    const orphan = { eventId: new mongo.ObjectId(idOf(7)), _id: new mongo.ObjectId() };
    await bookings().insertOne({ ...(await bookings().findOne({ _id: booking }))!, ...orphan });
    const stdout = expect.stringContaining('1 bookings name an event that does not exist');
    expect(await command()).toMatchObject({ code: 1, stdout });
  });
  it('ends with 1 as a command where an event has an id that it can not recount', async () => {
    await events().insertOne({ _id: 'spring-gala' as never, name: 'Spring Gala' }, UNCHECKED);
    const stdout = expect.stringMatching(/1 events have an id that is no ObjectId/);
    expect(await audit(running.uri)).toMatchObject({ code: 1, stdout });
  });

  it('says which database is empty, and ends with 1: its name is wrong, mostly', async () => {
    const uri = freshDatabaseUri();
    const [, host, name] = /\/\/([^/]+)\/([^?]+)/.exec(uri)!;
    const { code, stdout } = await audit(uri);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringContaining(`database ${name} at ${host} has no events`),
    });
    expect(stdout).not.toContain('balances');

    await events().deleteMany({});
    const ofOurs = await audit(running.uri);
    expect(ofOurs).toMatchObject({ code: 1, stdout: expect.stringMatching(/3 bookings name .*has no events/s) });
  });
});

/** Lets MongoDB forget, between two events, what it was at the first. */
class SlowRepository extends IntegrityRepository {
  constructor(private readonly own: Connection) {
    super(own, recountSources);
  }

  override async readBooks(...of: Parameters<IntegrityRepository['readBooks']>) {
    for (let second = 0; second < 3; second++) {
      await new Promise((done) => setTimeout(done, 1_000));
      await this.own.collection('others').insertOne({});
    }
    return super.readBooks(...of);
  }
}

it('a recount that takes longer than MongoDB keeps a snapshot ends like any other', async () => {
  const replicaSet = await startReplicaSet();
  const running = await startApp({ uri: uriOn(replicaSet) });
  const connection = await createConnection(running.uri, { readConcern: { level: 'majority' } }).asPromise();
  try {
    for (let event = 0; event < 3; event++) await running.api.createEvent();
    const admin = connection.getClient().db('admin');
    await admin.command({ setParameter: 1, minSnapshotHistoryWindowInSeconds: 1 });
    const report = await new IntegrityService(new SlowRepository(connection)).recountAll();
    expect(report).toEqual({
      events: 3,
      unbalanced: [],
      orphans: {
        events: 0,
        bookings: 0,
        bookingChanges: 0,
        holds: 0,
        movements: 0,
        userTickets: 0,
        waitlistEntries: 0,
        requests: 0,
      },
    });
  } finally {
    await connection.close();
    await running.close();
    await replicaSet.stop();
  }
});
