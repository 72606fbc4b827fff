import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { migrations, releases } from '../../src/app/database-schema.js';
import { Database } from '../../src/platform/database/index.js';
import { findImbalances } from '../support/check-books.js';
import { ddlOf, refusalOfStart, schemaOf } from '../support/database-schema.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

describe('the migrations', () => {
  const servers: RunningApp[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  const start = async (uri: string) => {
    const server = await startApp({ uri });
    servers.push(server);
    return server;
  };
  const ddlOfStart = (uri: string) => ddlOf(uri, start);

  it('are recorded as done, and not run again: a later start issues no DDL, which would wait for open transactions', async () => {
    const { db, uri } = await start(freshDatabaseUri());
    const before = await db.collection('migrations').find().toArray();
    expect(before.map(({ _id }) => String(_id)).sort()).toEqual([
      '0001-seed-import',
      '0007-holds',
      '0008-waitlist',
      '0009-queue',
    ]);

    expect(await ddlOfStart(uri)).toEqual([]);
    expect(await db.collection('migrations').find().toArray()).toEqual(before);
  });

  it('are done before a request is answered', async () => {
    const starting = await startApp({ startDatabase: false });
    servers.push(starting);
    const last = migrations.at(-1)!;
    const up = last.up.bind(last);
    const statuses: number[] = [];
    jest.spyOn(last, 'up').mockImplementation(async (db, log) => {
      for (const path of ['/health/ready', '/events']) statuses.push((await starting.api.get(path)).status);
      await up(db, log);
    });

    await starting.app.get(Database).start();
    jest.restoreAllMocks();
    expect(statuses).toEqual([503, 503]);
    expect((await starting.api.get('/events')).status).toBe(200);
  });

  it('may run again after a crash in their midst, and change nothing', async () => {
    const { api, db, uri } = await start(freshDatabaseUri());
    const event = await api.createEvent();
    await api.book(event._id);
    const before = [await schemaOf(db), await db.collection('events').find().toArray()];

    await db.collection('migrations').deleteMany({});
    expect(await ddlOfStart(uri)).toEqual([]);
    expect([await schemaOf(db), await db.collection('events').find().toArray()]).toEqual(before);
    expect(await db.collection('migrations').countDocuments()).toBe(migrations.length + releases.length);
  });

  it('of a later release refuse the start, before anything is written', async () => {
    const { db, uri } = await start(freshDatabaseUri());
    const record = db.collection<{ _id: string }>('migrations');
    await record.insertMany(['0002-events', '0006-api-keys', '9999-later'].map((_id) => ({ _id })));
    const servers = await db.collection('servers').countDocuments();

    expect(await refusalOfStart(uri, db)).toBe(
      'A later release has changed this database (it records the migration "9999-later"): start that release, or a later one.',
    );
    expect(await db.collection('servers').countDocuments()).toBe(servers);

    await record.deleteOne({ _id: '9999-later' });
    await start(uri);
  });

  it('may run on four servers that start at once on an empty database', async () => {
    const alone = await start(freshDatabaseUri());
    const uri = freshDatabaseUri();
    const four = await Promise.all([1, 2, 3, 4].map(() => start(uri)));
    const { api, db } = four[0]!;

    expect(await schemaOf(db)).toEqual(await schemaOf(alone.db));
    const event = await api.createEvent({ totalTickets: 3 });
    const answers = await Promise.all(four.map((server) => server.api.bookUntilAnswered(event._id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409]);
    expect(await findImbalances(db)).toEqual([]);
  });
});
