import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoMemoryServer, type MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { mongo } from 'mongoose';
import { Database, StartupError } from '../../src/platform/database/index.js';
import { checkDeployment } from '../../src/platform/database/deployment.js';
import { startApp } from '../support/start-app.js';
import { freshDatabaseUri, startReplicaSet } from '../support/start-mongo.js';

describe('a deployment', () => {
  let replicaSet: MongoMemoryReplSet;
  let client: mongo.MongoClient;
  beforeAll(async () => {
    replicaSet = await startReplicaSet();
    client = await new mongo.MongoClient(replicaSet.getUri()).connect();
  });
  afterAll(async () => {
    await client.close();
    await replicaSet.stop();
  });

  const admin = (command: mongo.Document) => client.db('admin').command(command);
  const setDefaultWriteConcern = (defaultWriteConcern: mongo.Document) =>
    admin({ setDefaultRWConcern: 1, defaultWriteConcern, writeConcern: { w: 'majority' } });

  /** A client that hears what a server of another kind would say. */
  const saying = (answers: Record<string, mongo.Document>) => {
    const command = (asked: mongo.Document) => {
      const answer = answers[Object.keys(asked)[0]!];
      return answer ? Promise.resolve(answer) : admin(asked);
    };
    return { db: () => ({ command }) } as unknown as mongo.MongoClient;
  };

  it('that is a replica set is taken as it is', async () => {
    expect(await checkDeployment(client)).toEqual([]);
  });

  it('that is a standalone server is refused, with the way to make it a replica set', async () => {
    const standalone = await MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger' } });
    const lonely = new mongo.MongoClient(standalone.getUri());
    try {
      const refusal = checkDeployment(lonely);
      await expect(refusal).rejects.toBeInstanceOf(StartupError);
      await expect(refusal).rejects.toThrow(/standalone MongoDB.*rs\.initiate\(\).*replicaSet=rs0/);
    } finally {
      await lonely.close();
      await standalone.stop();
    }
  });

  it('that is a mongos is refused', async () => {
    await expect(checkDeployment(saying({ hello: { msg: 'isdbgrid', maxWireVersion: 21 } }))).rejects.toThrow(/mongos/);
  });

  it('that is a secondary, asked directly, is refused', async () => {
    const hello = { setName: 'rs0', secondary: true, maxWireVersion: 21 };
    await expect(checkDeployment(saying({ hello }))).rejects.toThrow(/secondary directly.*remove directConnection/);
  });

  it('that asks for a user where none is named is refused', async () => {
    const hello = { setName: 'rs0', maxWireVersion: 21 };
    const unauthorized = new mongo.MongoServerError({ code: 13, errmsg: 'command requires authentication' });
    const command = (asked: mongo.Document) =>
      'hello' in asked ? Promise.resolve(hello) : Promise.reject(unauthorized);
    const closed = { db: () => ({ command }) } as unknown as mongo.MongoClient;
    await expect(checkDeployment(closed)).rejects.toThrow(/asks for a user and a password.*MONGO_URI names none/);
  });

  it('that is older than MongoDB 6.0 is refused', async () => {
    const hello = { setName: 'rs0', maxWireVersion: 13 };
    await expect(checkDeployment(saying({ hello }))).rejects.toThrow(/older than 6\.0/);
  });

  it('whose default write concern can lose bookings is refused, until it is majority', async () => {
    await setDefaultWriteConcern({ w: 1 });
    await expect(checkDeployment(client)).rejects.toThrow(
      /default is the write concern \{"w":1\}.*setDefaultRWConcern/,
    );
    await setDefaultWriteConcern({ w: 'majority' });
    expect(await checkDeployment(client)).toEqual([]);
  });

  it('whose majority does not journal is refused', async () => {
    const reconfigure = async (writeConcernMajorityJournalDefault: boolean) => {
      const { config } = await admin({ replSetGetConfig: 1 });
      const next = { ...config, version: Number(config.version) + 1, writeConcernMajorityJournalDefault };
      await admin({ replSetReconfig: next });
    };
    await reconfigure(false);
    await expect(checkDeployment(client)).rejects.toThrow(/before they are journaled.*rs\.reconfig/);
    await reconfigure(true);
    expect(await checkDeployment(client)).toEqual([]);
  });

  it('that leaves the transactions of a killed server open for long is warned of', async () => {
    const setLimit = (seconds: number) => admin({ setParameter: 1, transactionLifetimeLimitSeconds: seconds });
    await setLimit(60);
    expect(await checkDeployment(client)).toEqual([expect.stringContaining('transactionLifetimeLimitSeconds is 60')]);
    await setLimit(10);
    expect(await checkDeployment(client)).toEqual([]);
  });

  it('that hides its settings is taken: hosted databases do', async () => {
    const hello = await admin({ hello: 1 });
    const command = (asked: mongo.Document) =>
      'hello' in asked ? Promise.resolve(hello) : Promise.reject(new Error('not authorized'));
    const hosted = { db: () => ({ command }) } as unknown as mongo.MongoClient;
    expect(await checkDeployment(hosted)).toEqual([]);
  });

  it.each(['w=1', 'journal=false'])('asked with %s is refused before anything is written', async (option) => {
    const uri = freshDatabaseUri();
    const running = await startApp({ uri: `${uri}${uri.includes('?') ? '&' : '?'}${option}`, startDatabase: false });
    try {
      await expect(running.app.get(Database).start()).rejects.toThrow(/MONGO_URI asks for the write concern/);
      expect(await running.db.listCollections().toArray()).toEqual([]);
      expect((await running.api.get('/health/ready')).status).toBe(503);
    } finally {
      await running.close();
    }
  });
});
