import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { mongo } from 'mongoose';
import { collections } from '../../src/app/database-schema.js';
import { Database, makeSchema } from '../../src/platform/database/index.js';
import { toStored } from '../../src/platform/database/schema/validator.js';
import { ALL_COLLECTIONS, ddlOf, refusalOfStart, schemaOf } from '../support/database-schema.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri, startReplicaSet, uriOn } from '../support/start-mongo.js';

describe('a database that others have touched', () => {
  const servers: RunningApp[] = [];
  let uri: string;
  let db: mongo.Db;
  let client: mongo.MongoClient;
  beforeEach(async () => {
    uri = freshDatabaseUri();
    client = new mongo.MongoClient(uri);
    db = client.db();
    await makeSchema(db, ALL_COLLECTIONS);
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await client.close();
  });

  const start = async (at = uri) => servers.push(await startApp({ uri: at }));
  const ddlOfStart = () => ddlOf(uri, start);
  const makeIndex = (name: string, keys: mongo.IndexSpecification, options: mongo.CreateIndexesOptions = {}) =>
    db.collection(name).createIndex(keys, options, {});
  const refusal = () => refusalOfStart(uri, db);

  it('issues no DDL while nothing is missing', async () => {
    expect(await ddlOfStart()).toEqual([]);
  });

  it('loses an index of an earlier release that only costs time', async () => {
    const before = await schemaOf(db);
    const partialFilterExpression = { status: 'on_sale', availableTickets: { $gt: 0 } };
    await makeIndex('events', { createdAt: -1, _id: -1 }, { name: 'available', partialFilterExpression });
    await makeIndex(
      'holds',
      { createdAt: -1, _id: -1 },
      { partialFilterExpression: { isRefundDue: true }, name: 'refunds' },
    );
    expect(await ddlOfStart()).toEqual(['dropIndexes events', 'dropIndexes holds']);
    expect(await schemaOf(db)).toEqual(before);
  });

  it('has every index made again, and repeats of a key take effect once', async () => {
    const before = await schemaOf(db);
    for (const { name } of ALL_COLLECTIONS) await db.collection(name).dropIndexes();
    expect(await ddlOfStart()).toEqual([
      'createIndexes bookingChanges',
      'createIndexes bookings',
      'createIndexes erasures',
      'createIndexes eventEdits',
      'createIndexes events',
      'createIndexes holds',
      'createIndexes movements',
      'createIndexes requests',
      'createIndexes waitlistEntries',
    ]);
    expect(await schemaOf(db)).toEqual(before);
    const create = () =>
      servers[0]!.api.post('/events/create', { name: 'Opera', totalTickets: 1 }, { 'idempotency-key': 'opera' });
    const answers = await Promise.all(Array.from({ length: 20 }, create));
    expect(new Set(answers.map(({ body }) => body.event?._id)).size).toBe(1);
  });

  it.each(['events', 'movements', 'bookings', 'holds', 'waitlistEntries', 'requests', 'apiKeys'])(
    'has the validator of %s made again',
    async (name) => {
      const before = await schemaOf(db);
      await db.command({ collMod: name, validator: {} });
      expect(await ddlOfStart()).toEqual([`collMod ${name}`]);
      expect(await schemaOf(db)).toEqual(before);
    },
  );

  it('has a collection made again with its validator and its indexes', async () => {
    const before = await schemaOf(db);
    await db.dropCollection('movements');
    expect(await ddlOfStart()).toEqual(['create movements', 'createIndexes movements']);
    expect(await schemaOf(db)).toEqual(before);
  });

  it('keeps our index under another name', async () => {
    await db.collection('bookings').dropIndex('eventId_1_idempotency.key_1');
    await makeIndex(
      'bookings',
      { eventId: 1, 'idempotency.key': 1 },
      { name: 'keys', unique: true, partialFilterExpression: { 'idempotency.key': { $exists: true } } },
    );
    expect(await ddlOfStart()).toEqual([]);
  });

  it('lists the duplicates that keep a unique index from being made, and refuses the start', async () => {
    const bookings = db.collection('bookings');
    await start();
    await bookings.dropIndex('eventId_1_idempotency.key_1');
    const event = await servers[0]!.api.createEvent();
    const { body } = await servers[0]!.api.book(event._id, {}, { 'idempotency-key': 'one' });
    const { _id, ...booking } = (await bookings.findOne({ _id: new mongo.ObjectId(body.booking._id as string) }))!;
    const repeat = (key: string, times: number) =>
      bookings.insertMany(Array.from({ length: times }, () => ({ ...booking, idempotency: { key, fingerprint: '' } })));
    await repeat('one', 7);
    await repeat('two', 2);

    const lines = (await refusal()).split('\n');
    expect(lines[0]).toMatch(
      /"eventId_1_idempotency\.key_1" of bookings can not be made.*eventId and idempotency\.key/,
    );
    expect(lines).toHaveLength(1 + 2);
    expect(lines.slice(1).join()).toContain(_id.toHexString());
    expect(lines.slice(1).sort()).toEqual(
      [
        expect.stringMatching(/^ {2}([0-9a-f]{24}, ){4}[0-9a-f]{24}, … \(8\)$/),
        expect.stringMatching(/^ {2}[0-9a-f]{24}, [0-9a-f]{24}$/),
      ].sort(),
    );

    for (let number = 0; number < 25; number++) await repeat(`more ${number}`, 2);
    expect((await refusal()).split('\n')).toHaveLength(1 + 20);
  });
  it('replaces a validator of an older release of ours, and leaves one of a newer release alone', async () => {
    const events = collections.find(({ name }) => name === 'events')!.validator!;
    const rules = { $jsonSchema: { bsonType: 'object' } };
    const put = (version: number) =>
      db.command({ collMod: 'events', validator: toStored({ ...events, version, rules }) });
    const before = await schemaOf(db);
    await put(events.version - 1);
    expect(await ddlOfStart()).toEqual(['collMod events']);
    expect(await schemaOf(db)).toEqual(before);
    await put(events.version + 1);
    expect(await ddlOfStart()).toEqual([]);
  });
});

describe('an index that another server is still building', () => {
  let replicaSet: MongoMemoryReplSet;
  afterAll(() => replicaSet.stop());

  it('is waited for: until it is there it refuses nothing', async () => {
    replicaSet = await startReplicaSet();
    const uri = uriOn(replicaSet);
    await (await startApp({ uri })).close();
    const client = new mongo.MongoClient(uri);
    const keys = client.db().collection('bookings');
    await keys.dropIndex('eventId_1_idempotency.key_1');
    // An index of an empty collection is built at once.
    await client.db().collection('bookings').insertOne({}, { bypassDocumentValidation: true });
    const hang = (mode: string) =>
      client.db('admin').command({ configureFailPoint: 'hangAfterStartingIndexBuild', mode });
    await hang('alwaysOn');
    const appName = `${uri.includes('?') ? '&' : '?'}appName=second`;
    const server = await startApp({ uri: uri + appName, startDatabase: false });
    try {
      const building = keys.createIndex(
        { eventId: 1, 'idempotency.key': 1 },
        { unique: true, partialFilterExpression: { 'idempotency.key': { $exists: true } } },
        {},
      );
      const isBuilding = async () =>
        // MongoDB fails where an index appears while it lists them.
        (
          await keys
            .aggregate([{ $indexStats: {} }])
            .toArray()
            .catch(() => [])
        ).some(({ building }) => building === true);
      while (!(await isBuilding()));
      const starting = server.app.get(Database).start();
      const waiting = { currentOp: 1, appName: 'second', 'command.createIndexes': 'bookings' };
      const untilWaiting = async (): Promise<string> => {
        const { inprog } = await client.db('admin').command(waiting);
        return (inprog as unknown[]).length > 0 ? 'waits' : untilWaiting();
      };
      expect(await Promise.race([untilWaiting(), starting.then(() => 'is ready')])).toBe('waits');
      expect((await server.api.get('/health/ready')).status).toBe(503);
      await hang('off');
      await Promise.all([building, starting]);
      expect((await server.api.get('/health/ready')).status).toBe(200);
    } finally {
      await hang('off');
      await server.close();
      await client.close();
    }
  });
});
