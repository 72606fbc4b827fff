import { expect, jest } from '@jest/globals';
import { mongo } from 'mongoose';
import { collections } from '../../src/app/database-schema.js';
import { Database, StartupError } from '../../src/platform/database/index.js';
import { serversCollection } from '../../src/platform/database/heartbeat.js';
import { leasesCollection } from '../../src/platform/database/lease.js';
import { migrationsCollection } from '../../src/platform/database/migrations.js';
import { startApp } from './start-app.js';

/** All that the product declares. */
export const ALL_COLLECTIONS = [...collections, migrationsCollection, serversCollection, leasesCollection];

const DDL = ['create', 'createIndexes', 'collMod', 'drop', 'dropIndexes'];

/** The DDL that the driver sends while `start` runs on the database, even where it turns out to change nothing. */
export async function ddlOf(uri: string, start: (uri: string) => Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the client that it is called on
  const connect = mongo.MongoClient.prototype.connect;
  const spy = jest.spyOn(mongo.MongoClient.prototype, 'connect').mockImplementation(function (this: mongo.MongoClient) {
    this.on('commandStarted', ({ commandName, command }) => void sent.push(`${commandName} ${command[commandName]}`));
    return connect.call(this);
  });
  try {
    await start(`${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`);
  } finally {
    spy.mockRestore();
  }
  if (!sent.includes('find migrations')) throw new Error('the commands of the start were not seen');
  return sent.filter((command) => DDL.includes(command.split(' ', 1)[0]!)).sort();
}

/** What a start on the database says that is refused. Expects that it changed nothing. */
export async function refusalOfStart(uri: string, db: mongo.Db): Promise<string> {
  const before = await schemaOf(db);
  const server = await startApp({ uri, startDatabase: false });
  try {
    const start = server.app.get(Database).start();
    await expect(start).rejects.toBeInstanceOf(StartupError);
    expect((await server.api.get('/health/ready')).status).toBe(503);
    expect(await schemaOf(db)).toEqual(before);
    return await start.catch((error: unknown) => (error as Error).message);
  } finally {
    await server.close();
  }
}

/** All options and indexes of the product's collections. */
export async function schemaOf(db: mongo.Db): Promise<unknown> {
  const names = ALL_COLLECTIONS.map(({ name }) => name);
  const listed = await db.listCollections<mongo.CollectionInfo>({ name: { $in: names } }).toArray();
  const described = listed.map(async ({ name, type, options = {} }): Promise<[string, object]> => {
    const indexes = type === 'collection' ? await db.collection(name).indexes() : [];
    const { validator, capped, collation, validationAction = 'error', validationLevel = 'strict' } = options;
    const sorted = indexes.sort((one, other) => one.name!.localeCompare(other.name!));
    return [name, { type, validator, capped, collation, validationAction, validationLevel, indexes: sorted }];
  });
  return Object.fromEntries(await Promise.all(described));
}
