import { afterEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { pino } from 'pino';
import { importSeed, seedImport } from '../../src/seed-import/index.js';
import { findImbalances } from '../support/check-books.js';
import { QUIET } from '../support/quiet.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { countCommands, watchedUri } from '../support/watch-commands.js';

const SILENT = { warn: () => undefined };
const BOOKINGS_PER_EVENT = 20;

describe("the takeover of a database of the seed's", () => {
  const clients: mongo.MongoClient[] = [];
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

  function connect(uri: string): mongo.MongoClient {
    const client = new mongo.MongoClient(uri);
    clients.push(client);
    return client;
  }

  /** What is sent for so many thousands of bookings, each event with as many of them. */
  async function commandsFor(thousands: number): Promise<string[]> {
    const client = connect(watchedUri());
    const db = client.db();
    const events = Array.from({ length: (thousands * 1_000) / BOOKINGS_PER_EVENT }, () => ({
      _id: new mongo.ObjectId(),
      name: 'Opera',
      totalTickets: 100,
      availableTickets: 100 - BOOKINGS_PER_EVENT,
    }));
    await db.collection('events').insertMany(events);
    await db
      .collection('bookings')
      .insertMany(events.flatMap(({ _id }) => Array.from({ length: BOOKINGS_PER_EVENT }, () => ({ eventId: _id }))));
    const sent: string[] = [];
    client.on('commandStarted', ({ commandName }) => void sent.push(commandName));
    await importSeed(db, SILENT, QUIET);
    const importing = [...sent];
    const opened = { soldTickets: BOOKINGS_PER_EVENT, availableTickets: 100 - BOOKINGS_PER_EVENT };
    expect(await db.collection('events').countDocuments(opened)).toBe(events.length);
    return importing;
  }

  it('sends as many commands for a thousand bookings however many there are', async () => {
    const [one, two, four] = [await commandsFor(1), await commandsFor(2), await commandsFor(4)];
    expect(two.length / 2).toBeLessThanOrEqual(one.length);
    expect(four.length / 4).toBeLessThanOrEqual(two.length / 2);
    expect((four.length - one.length) / 3).toBeLessThanOrEqual(6);
    // What is sold is counted by one command, which reads each booking once: it was one for each event.
    expect([one, two, four].map((sent) => countCommands(sent, 'aggregate'))).toEqual([1, 1, 1]);
  });

  it('says how far it is', async () => {
    const db = connect(freshDatabaseUri()).db();
    const bookings = Array.from({ length: 20_500 }, () => ({ eventId: new mongo.ObjectId() }));
    await db.collection('bookings').insertMany(bookings);
    const said: string[] = [];
    const write = (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg);
    await seedImport.up(db, pino({}, { write }));
    // On the way it says more, if that takes long.
    const ends = said.filter((line) => line.includes('100 %')).map((line) => line.split(', ')[0]);
    expect([...new Set(ends)]).toEqual([
      'documents looked at: 20,500 of 20,500 (100 %)',
      'bookings taken over: 20,500 of 20,500 (100 %)',
    ]);
    expect(await findImbalances(db)).toEqual([]);
  });
});
