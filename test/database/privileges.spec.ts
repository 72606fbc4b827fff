import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { makeSchema } from '../../src/platform/database/index.js';
import { ALL_COLLECTIONS } from '../support/database-schema.js';
import { expectProblem } from '../support/expect-problem.js';
import { LiveStream } from '../support/live-stream.js';
import { MAKING, MongoWithUsers, PASSWORD, SERVING } from '../support/mongo-users.js';
import { runToEnd, Workplace } from '../support/server-process.js';
import { startApp } from '../support/start-app.js';

describe('a MongoDB user', () => {
  const workplace = new Workplace();
  let mongoWithUsers: MongoWithUsers;
  let name: string;
  let db: mongo.Db;
  beforeAll(async () => {
    mongoWithUsers = await MongoWithUsers.start();
  });
  beforeEach(() => {
    name = `shop-${Math.random().toString(36).slice(2, 8)}`;
    db = mongoWithUsers.db(name);
  });
  afterEach(() => workplace.clear());
  afterAll(() => mongoWithUsers.stop());

  const run = (uri: string, program: string, ...args: string[]) =>
    runToEnd(workplace.folder(), `dist/cli/${program}.js`, args, { MONGO_URI: uri });
  const createKey = (uri: string) =>
    run(uri, 'keys', 'create', '--scope', 'sell', '--scope', 'operate', '--name', 'shop');
  /** What the server prints that does not start. */
  const refusal = async (uri: string, environment: Record<string, string> = {}) => {
    const server = await workplace.start(workplace.folder(), { MONGO_URI: uri, ...environment });
    expect(await server.exited).toEqual({ code: 1, signal: null });
    const lines = server.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    expect(lines).toEqual([expect.stringMatching(/\.$/)]);
    expect(lines[0]).not.toContain(PASSWORD);
    return lines[0]!;
  };
  const makeAll = () => makeSchema(db, ALL_COLLECTIONS);

  it.each<[string, string | readonly string[]]>([
    ['readWrite', 'readWrite'],
    ['the least role of the README', [...SERVING, ...MAKING]],
  ])('with %s makes a key first, then starts, sells and recounts', async (_what, role) => {
    const uri = await mongoWithUsers.uriFor(name, role);
    const made = await createKey(uri);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tb_/) });
    const server = await (await workplace.start(workplace.folder(), { MONGO_URI: uri, HOST: '0.0.0.0' })).ready();
    const api = server.api.withKey(made.stdout.trim());
    const event = await api.createEvent();
    const { body } = await api.book(event._id, {}, { 'idempotency-key': 'one' });
    expect((await api.post(`/bookings/${body.booking._id}/cancel`)).status).toBe(200);
    expect((await api.get('/bookings')).body.bookings).toHaveLength(1);
    expect((await api.get(`/events/${event._id}/integrity`)).body).toMatchObject({ balanced: true });
    expect(await run(uri, 'audit')).toMatchObject({ code: 0 });
    expect(await run(uri, 'keys', 'revoke', made.stdout.slice(3, 27))).toMatchObject({ code: 0 });
    // Every part is there, as one made it who may do everything.
    const before = await db.listCollections().toArray();
    await makeAll();
    expect(await db.listCollections().toArray()).toEqual(before);
  });

  it('needs no right to make anything once everything is there', async () => {
    await makeAll();
    const uri = await mongoWithUsers.uriFor(name, SERVING);
    const running = await startApp({ uri });
    try {
      expect((await running.api.book((await running.api.createEvent())._id)).status).toBe(201);
    } finally {
      await running.close();
    }
  });

  it('that may only read is told so by the server and by the command that makes a key, before anything is written', async () => {
    const uri = await mongoWithUsers.uriFor(name, 'read');
    const sentence =
      /^The MongoDB user "user\w+" lacks the privileges insert, update on the database "shop-\w+" \(.*apiKeys.*\): grant it readWrite on that database\.$/m;
    expect(await refusal(uri, { HOST: '0.0.0.0' })).toMatch(sentence);
    expect(await createKey(uri)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(sentence) });
    expect(await db.listCollections().toArray()).toEqual([]);

    await makeAll();
    expect(await refusal(uri)).toMatch(sentence);
    expect(await run(uri, 'keys', 'list')).toMatchObject({ code: 0 });
    expect(await run(uri, 'audit')).toMatchObject({ code: 1, stdout: expect.stringContaining('has no events') });
    expect(await run(uri, 'keys', 'revoke', '0'.repeat(24))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The MongoDB user lacks the privilege for update on "apiKeys": grant it readWrite on the database "shop-\w+"\.\n$/,
      ),
    });
  });

  it('without changeStream can not follow events and is told so, and everything else works', async () => {
    const uri = await mongoWithUsers.uriFor(name, [...SERVING, ...MAKING]);
    const logLines: string[] = [];
    const running = await startApp({ uri, logLines });
    try {
      const { _id } = await running.api.createEvent();
      const path = `/events/${_id}/availability/stream`;
      expectProblem(await running.api.get(path), 503, 'database_misconfigured');
      expect(logLines.join()).toContain('lacks the privilege for changeStream on \\"events\\": grant it readWrite');
      expect((await running.api.book(_id)).status).toBe(201);

      const privileges = [{ resource: { db: name, collection: 'events' }, actions: ['changeStream'] }];
      const role = /\/\/(user\w+):/.exec(uri)![1]!;
      await db.command({ grantPrivilegesToRole: role, privileges });
      const stream = await LiveStream.ofEvent(running.api.url, _id);
      await stream.untilSold(1);
      stream.close();
    } finally {
      await running.close();
    }
  });

  it('that is needed and not named is asked for', async () => {
    const sentence = /^MongoDB asks for a user and a password, and (MONGO_URI|--uri) names none/;
    expect(await refusal(mongoWithUsers.uriOf(name))).toMatch(sentence);
    for (const [program, ...args] of [['keys', 'list'], ['audit']]) {
      const end = await run(mongoWithUsers.uriOf(name), program!, ...args);
      expect(end).toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) });
    }
  });

  it('with readWrite is told what putting a validator on needs, and nothing is taken over before', async () => {
    const seed = { name: 'Opera', totalTickets: 3, availableTickets: 3 };
    await db.collection('events').insertOne({ ...seed });
    const uri = await mongoWithUsers.uriFor(name, 'readWrite');
    expect(await refusal(uri)).toMatch(/lacks the privileges collMod on the database .* \(events\): grant it dbAdmin/);
    expect(await db.collection('events').findOne()).toEqual({ ...seed, _id: expect.anything() });
    expect(await db.listCollections().toArray()).toHaveLength(1);

    const running = await startApp({ uri: await mongoWithUsers.uriFor(name, 'readWrite dbAdmin') });
    await running.close();
    expect((await db.collection('events').findOne())!['revision']).toBe(1);
  });

  it.each([
    ...SERVING.map((action) => [action, 'readWrite']),
    ...MAKING.map((action) => [action, 'readWrite']),
    ['collMod', 'dbAdmin'],
  ])('without %s is told so, and which role has it', async (action, role) => {
    const client = new mongo.MongoClient(
      await mongoWithUsers.uriFor(
        name,
        [...SERVING, ...MAKING].filter((other) => other !== action),
      ),
    );
    // A collection without its validator.
    if (action === 'collMod') await db.createCollection('events');
    const before = await db.listCollections().toArray();
    try {
      await expect(makeSchema(client.db(), ALL_COLLECTIONS)).rejects.toThrow(
        new RegExp(
          `^The MongoDB user "user\\w+" lacks the privileges ${action} on .*: grant it ${role} on that database\\.$`,
        ),
      );
    } finally {
      await client.close();
    }
    expect(await db.listCollections().toArray()).toEqual(before);
  });

  it('that loses a privilege while the server runs gets a 503 that names it in the log, and no value of a filter', async () => {
    const uri = await mongoWithUsers.uriFor(name, [...SERVING, ...MAKING]);
    const logLines: string[] = [];
    const running = await startApp({ uri, logLines });
    try {
      const event = await running.api.createEvent();
      const revoke = async (...actions: string[]) => {
        const role = /\/\/(user\w+):/.exec(uri)![1]!;
        const privileges = [{ resource: { db: name, collection: '' }, actions }];
        await db.command({ revokePrivilegesFromRole: role, privileges });
      };
      await revoke('insert');
      expectProblem(await running.api.book(event._id, { userId: 'nosy-ann' }), 503, 'database_misconfigured');
      await revoke('find');
      expectProblem(await running.api.get('/bookings?userId=nosy-ann'), 503, 'database_misconfigured');
      const failures = logLines.filter((line) => line.includes('request failed')).join('\n');
      expect(failures).toContain('lacks the privilege for insert on \\"movements\\"');
      expect(failures).toContain('lacks the privilege for find on \\"bookings\\"');
      expect(logLines.join()).not.toContain('nosy-ann');
    } finally {
      await running.close();
    }
  });
});
