import { afterEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { dump } from '../support/dump.js';
import { idOf } from '../support/factories.js';
import { runToEnd, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

const OPERA = { _id: new mongo.ObjectId(idOf(1)), name: 'Opera', totalTickets: 5, availableTickets: 5 };
const MEETING = { _id: new mongo.ObjectId(idOf(2)), title: 'Standup', status: 'cancelled' };

describe('node dist/cli/import.js', () => {
  const workplace = new Workplace();
  const clients: mongo.MongoClient[] = [];
  afterEach(async () => {
    await workplace.clear();
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  async function databaseWith(...events: object[]) {
    const uri = freshDatabaseUri();
    const client = new mongo.MongoClient(uri);
    clients.push(client);
    await client.db().collection('events').insertMany(events);
    return { uri, db: client.db() };
  }

  const takeOver = (uri: string, ...args: string[]) =>
    runToEnd(workplace.folder(), 'dist/cli/import.js', ['--uri', uri, ...args], { CI: 'true' });

  it('reports other documents, refuses them as the server does, and sets them aside when told to', async () => {
    const { uri, db } = await databaseWith(OPERA, MEETING);
    const before = await dump(db);
    const report = [
      'events: of the Express API 1, taken over before 0, others 1',
      'bookings: of the Express API 0, taken over before 0, others 0',
      'movements: of the Express API 0, taken over before 0, others 0',
      '',
      'events, 1 × "title" is no field of the Express API:',
      `  ${idOf(2)}`,
      '',
    ].join('\n');

    expect(await takeOver(uri, '--dry-run')).toEqual({ code: 1, signal: null, stdout: report, stderr: '' });
    const server = await workplace.start(workplace.folder(), { MONGO_URI: uri });
    expect(await server.exited).toEqual({ code: 1, signal: null });
    const [refusal, ...more] = server.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    expect(more).toEqual([]);
    expect(refusal).toMatch(/^This database is not taken over, and nothing in it was changed: 1 of 2 documents/);
    expect(await takeOver(uri)).toEqual({
      code: 1,
      signal: null,
      stdout: report,
      stderr: `${refusal!.replace('MONGO_URI', '--uri')}\n`,
    });
    expect(await dump(db)).toEqual(before);

    const accepted = await takeOver(uri, '--accept-report');
    expect(accepted).toMatchObject({ code: 0, stdout: report, stderr: '' });
    expect(await db.collection('events').countDocuments({ soldTickets: 0 })).toBe(1);
    expect(await db.collection('events_set_aside').find().toArray()).toEqual([MEETING]);
    expect((await takeOver(uri, '--dry-run')).code).toBe(0);

    const ready = await (await workplace.start(workplace.folder(), { MONGO_URI: uri })).ready();
    expect((await ready.api.book(idOf(1))).status).toBe(201);
  });

  it('needs no flag where every document is of the Express API, and does it once', async () => {
    const { uri, db } = await databaseWith(OPERA);
    expect(await takeOver(uri)).toMatchObject({ code: 0, stderr: '' });
    const after = await dump(db);
    expect(await takeOver(uri)).toMatchObject({ code: 0, stderr: '' });
    expect(await dump(db)).toEqual(after);
  });

  it('says on stderr how it is called, changes nothing and ends with 1', async () => {
    const { uri, db } = await databaseWith(OPERA, MEETING);
    const before = await dump(db);
    for (const args of [['--dry-run', '--accept-report'], ['--force'], ['events']]) {
      const end = await takeOver(uri, ...args);
      expect({ args, ...end }).toEqual({
        args,
        code: 1,
        signal: null,
        stdout: '',
        stderr: expect.stringContaining('Usage:'),
      });
    }
    expect(await dump(db)).toEqual(before);
  });
});
