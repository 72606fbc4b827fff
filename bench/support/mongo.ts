import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import mongoose, { type mongo } from 'mongoose';
import type { Scope } from './scope.js';

/** A replica set of the benchmark's own. */
export interface Mongo {
  readonly client: mongo.MongoClient;
  readonly version: string;
  /** A database that nothing else uses: its name and its URI. */
  freshDatabase(prefix: string): { name: string; uri: string };
}

const ARGS = [
  ['--setParameter', 'transactionLifetimeLimitSeconds=5'],
  ['--networkMessageCompressors', 'disabled'],
  // Its log goes through this process: thousands of slow queries in it would be load of the benchmark's own.
  ['--slowms', '60000'],
].flat();

/** Starts mongod as the tests do, `nodes` of them. */
export async function startMongo(scope: Scope, binary: string, nodes: number): Promise<Mongo> {
  process.env['MONGOMS_SYSTEM_BINARY'] = binary;
  process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] = 'false';
  const replicaSet = new MongoMemoryReplSet({
    replSet: { count: nodes, storageEngine: 'wiredTiger', args: ARGS },
    instanceOpts: Array.from({ length: nodes }, () => ({ launchTimeout: 60_000 })),
  });
  const started = replicaSet.start();
  scope.defer(async () => {
    // What is still starting can't be stopped.
    await started.catch(() => undefined);
    await replicaSet.stop({ doCleanup: true, force: true });
  });
  await started;
  await replicaSet.waitUntilRunning();
  const client = new mongoose.mongo.MongoClient(replicaSet.getUri());
  scope.defer(() => client.close());
  const { version } = (await client.db('admin').command({ buildInfo: 1 })) as unknown as { version: string };
  let databases = 0;
  const freshDatabase = (prefix: string) => {
    const name = `${prefix}_${++databases}`;
    return { name, uri: replicaSet.getUri(name) };
  };
  return { client, version, freshDatabase };
}
