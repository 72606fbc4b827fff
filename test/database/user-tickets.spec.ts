import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { expectProblem } from '../support/expect-problem.js';
import { profile } from '../support/profile.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const HISTORY = 2_000;
const OTHERS = 300;

describe('the limit for each user', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());

  /** A limited event, with bookings of one user that were made before the counts were kept. */
  const withHistory = async (bookings: number) => {
    const event = await running.api.createEvent({ totalTickets: 10_000, maxTicketsPerUser: 9_000 });
    const eventId = new mongo.ObjectId(event._id);
    const records = Array.from({ length: bookings }, () => ({
      eventId,
      userId: 'user123',
      items: [{ quantity: 1 }],
      quantity: 1,
      status: 'confirmed',
      bookedAt: new Date(),
    }));
    if (bookings > 0) await running.db.collection('bookings').insertMany(records);
    await running.db
      .collection('events')
      .updateOne({ _id: eventId }, { $inc: { availableTickets: -bookings, soldTickets: bookings } });
    return event;
  };
  /** How many documents one booking reads, and how many commands it takes. */
  const costOf = async (eventId: string) => {
    const all = await profile(running.db, async () => {
      expect((await running.api.book(eventId)).status).toBe(201);
    });
    // The event and the API keys are read again as time passes, whatever the user has bought.
    const commands = all.filter(({ ns }) => /\.(bookings|userTickets)$/.test(ns));
    expect(commands.length).toBeGreaterThan(0);
    const docsExamined = commands.reduce((sum, command) => sum + (command.docsExamined ?? 0), 0);
    return { docsExamined, commands: commands.length };
  };

  it('costs the same whatever the user has bought before, once that is counted', async () => {
    const [long, short] = [await withHistory(HISTORY), await withHistory(1)];
    for (const event of [long, short]) expect((await running.api.book(event._id)).status).toBe(201);
    expect(await costOf(long._id)).toEqual(await costOf(short._id));
  });

  it('counts what was bought before, also when it refuses: then once, too', async () => {
    const event = await withHistory(HISTORY);
    await running.db
      .collection('events')
      .updateOne({ _id: new mongo.ObjectId(event._id) }, { $set: { maxTicketsPerUser: HISTORY } });
    expectProblem(await running.api.book(event._id), 409, 'user_limit_reached');

    const commands = await profile(running.db, () => running.api.book(event._id));
    expect(Math.max(...commands.map(({ docsExamined = 0 }) => docsExamined))).toBeLessThan(10);
    expectProblem(await running.api.book(event._id), 409, 'user_limit_reached');
  });

  it('reads nothing of others where many new users come at once', async () => {
    const event = await running.api.createEvent({ totalTickets: 10_000, maxTicketsPerUser: 4 });
    await Promise.all(
      Array.from({ length: OTHERS }, (_, user) => running.api.book(event._id, { userId: `early ${user}` })),
    );
    const commands = await profile(running.db, () =>
      Promise.all(Array.from({ length: 20 }, (_, user) => running.api.book(event._id, { userId: `late ${user}` }))),
    );
    const counting = commands.filter(({ command }) => command['aggregate'] !== undefined);
    const ofUsers = counting.filter(({ ns }) => /\.(bookings|holds)$/.test(ns));
    expect(ofUsers.length).toBeGreaterThan(0);
    expect(ofUsers.map(({ docsExamined }) => docsExamined)).toEqual(ofUsers.map(() => 0));
    // All entries of the event, if its own index were used.
    expect(Math.max(...ofUsers.map(({ keysExamined = 0 }) => keysExamined))).toBeLessThan(OTHERS);
  });

  it('keeps no counts where there is no limit', async () => {
    const event = await running.api.createEvent({ totalTickets: 10 });
    await running.api.book(event._id);
    const eventId = new mongo.ObjectId(event._id);
    expect(await running.db.collection('userTickets').countDocuments({ eventId })).toBe(0);
  });
});
