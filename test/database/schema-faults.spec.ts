import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { collections } from '../../src/app/database-schema.js';
import { makeSchema, StartupError } from '../../src/platform/database/index.js';
import { checkSchema } from '../../src/platform/database/schema/check-schema.js';
import { toStored } from '../../src/platform/database/schema/validator.js';
import { ALL_COLLECTIONS, ddlOf, refusalOfStart } from '../support/database-schema.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

describe('a database that somebody has changed', () => {
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
  const recreate = async (name: string, options: mongo.CreateCollectionOptions) => {
    await db.dropCollection(name);
    await db.createCollection(name, options);
  };
  const validatorOf = (name: string) => toStored(collections.find((spec) => spec.name === name)!.validator!);

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a unique index',
      () => makeIndex('bookings', { userId: 1 }, { unique: true, name: 'one each' }),
      /^The unique index "one each" of bookings is not one of this server's .*drop it\.$/,
    ],
    [
      'a unique index on the fields of ours, for more documents',
      () => makeIndex('bookings', { eventId: 1, 'idempotency.key': 1 }, { unique: true, name: 'all' }),
      /^The unique index "all" of bookings is not one of this server's/,
    ],
    [
      'a unique index on the keys',
      () => makeIndex('apiKeys', { name: 1 }, { unique: true }),
      /^The unique index "name_1" of apiKeys/,
    ],
    [
      'an index that is becoming unique',
      async () => {
        await makeIndex('bookings', { reference: 1 });
        await db.command({ collMod: 'bookings', index: { name: 'reference_1', prepareUnique: true } });
      },
      /^The unique index "reference_1" of bookings/,
    ],
    [
      'a TTL index',
      () => makeIndex('bookings', { bookedAt: 1 }, { expireAfterSeconds: 3_600 }),
      /^The TTL index "bookedAt_1" of bookings deletes documents: drop it\.$/,
    ],
    [
      'our index of names, by their bytes',
      async () => {
        await db.collection('events').dropIndex('name_1__id_1');
        await makeIndex('events', { name: 1, _id: 1 });
      },
      /^The index "name_1__id_1" of events differs from the one/,
    ],
    [
      'our index of names, in another language',
      async () => {
        await db.collection('events').dropIndex('name_1__id_1');
        await makeIndex('events', { name: 1, _id: 1 }, { collation: { locale: 'sv', strength: 2 } });
      },
      /^The index "name_1__id_1" of events differs from the one/,
    ],
    [
      'our index, no longer unique',
      async () => {
        await db.collection('movements').dropIndex('eventId_1_revision_1');
        await makeIndex('movements', { eventId: 1, revision: 1 });
      },
      /^The index "eventId_1_revision_1" of movements differs from the one/,
    ],
    [
      'our index, hidden',
      () => db.command({ collMod: 'bookings', index: { name: 'bookedAt_-1__id_-1', hidden: true } }),
      /^The index "bookedAt_-1__id_-1" of bookings is hidden/,
    ],
    [
      'a capped collection',
      () => recreate('movements', { capped: true, size: 4_096 }),
      /^The collection movements is capped/,
    ],
    [
      'a collation',
      () => recreate('bookings', { collation: { locale: 'en', strength: 1 } }),
      /^The collection bookings has a collation/,
    ],
    [
      'a timeseries collection',
      () => recreate('movements', { timeseries: { timeField: 'at' } }),
      /^movements is a timeseries and has to be a plain collection/,
    ],
    [
      'a collection that expires',
      () =>
        recreate('movements', {
          clusteredIndex: { key: { _id: 1 }, unique: true },
          expireAfterSeconds: 60,
        }),
      /^The collection movements deletes old documents/,
    ],
    [
      'a view',
      async () => {
        await db.collection('bookings').rename('sales');
        await db.createCollection('bookings', { viewOn: 'sales', pipeline: [] });
      },
      /^bookings is a view and has to be a plain collection/,
    ],
    [
      'a validator that only warns',
      () => db.command({ collMod: 'events', validationAction: 'warn' }),
      /^The collection events has the validationAction "warn"/,
    ],
    [
      'a validator that spares old documents',
      () => db.command({ collMod: 'events', validationLevel: 'moderate' }),
      /^The collection events has the validationLevel "moderate"/,
    ],
    [
      'a validator of somebody else',
      () => db.command({ collMod: 'bookings', validator: { vip: true } }),
      /^The collection bookings has a validator that this server did not make/,
    ],
    [
      'our validator with a part left out',
      () => db.command({ collMod: 'events', validator: { $jsonSchema: validatorOf('events')['$jsonSchema'] } }),
      /^The collection events has a validator that this server did not make/,
    ],
    [
      'a validator where we have none',
      () => db.command({ collMod: 'migrations', validator: { vip: true } }),
      /^The collection migrations has a validator that this server did not make/,
    ],
  ])('names %s in one sentence', async (_what, touch, sentence) => {
    await touch();
    const error: unknown = await checkSchema(db, ALL_COLLECTIONS).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toMatch(sentence);
    expect((error as Error).message).not.toContain('\n');
  });

  it('names everything at once, and refuses the start', async () => {
    await makeIndex('bookings', { userId: 1 }, { unique: true });
    await db.command({ collMod: 'events', validationLevel: 'off' });
    expect((await refusal()).split('\n')).toHaveLength(2);
  });

  it('finds it before anything is made, and before data is taken over', async () => {
    for (const { name } of ALL_COLLECTIONS) await db.dropCollection(name);
    await db.collection('events').insertOne({ name: 'Opera', totalTickets: 3, availableTickets: 3 });
    await makeIndex('bookings', { userId: 1 }, { unique: true });
    await refusal();
    expect(await db.collection('events').findOne()).not.toHaveProperty('revision');
  });

  it('starts with indexes of others that refuse nothing, and with documents that were deleted', async () => {
    await makeIndex('bookings', { reference: 1 });
    await makeIndex('bookings', { 'metadata.value': 'text' });
    expect(await ddlOfStart()).toEqual([]);
    expect((await servers[0]!.api.createEvent())._id).toEqual(expect.any(String));
  });
});
