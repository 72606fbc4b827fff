import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { IntegrityService } from '../../src/integrity/index.js';
import { idOf } from '../support/factories.js';
import { runToEnd } from '../support/server-process.js';
import { type RunningApp, startApp } from '../support/start-app.js';

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
    await Promise.all(['events', 'bookings', 'movements'].map((name) => db.collection(name).deleteMany({})));
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

  it('finds nothing in what the product has written', async () => {
    expect(await recount()).toEqual({ events: 2, unbalanced: [], orphans: { bookings: 0, movements: 0 } });
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
    expect(orphans).toEqual({ bookings: 1, movements: 1 });
  });

  it('ends with 1 as a command where anything is off, be it only a booking of no event', async () => {
    const command = () => runToEnd(process.cwd(), 'dist/cli/audit.js', ['--uri', running.uri]);
    expect(await command()).toMatchObject({ code: 0, stdout: expect.stringContaining('every book balances') });

    const orphan = { eventId: new mongo.ObjectId(idOf(7)), _id: new mongo.ObjectId() };
    await bookings().insertOne({ ...(await bookings().findOne({ _id: booking }))!, ...orphan });
    const stdout = expect.stringContaining('1 bookings name an event that does not exist');
    expect(await command()).toMatchObject({ code: 1, stdout });
  });
});
