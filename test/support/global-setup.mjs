import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { findMongod } from '../../dist/platform/database/mongod-binary.js';

/** One real replica set for all test files: each of them uses a database of its own. */
export default async function setup() {
  const binary = await findMongod(process.env, (line) => console.error(line));
  process.env.MONGOMS_SYSTEM_BINARY = binary;
  process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false';
  const replicaSet = await MongoMemoryReplSet.create({
    replSet: {
      count: 1,
      storageEngine: 'wiredTiger',
      args: ['--setParameter', 'transactionLifetimeLimitSeconds=5', '--networkMessageCompressors', 'disabled'],
    },
    // The default of 10 s is too short for a busy machine.
    instanceOpts: [{ launchTimeout: 60_000 }],
  });
  globalThis.testReplicaSet = replicaSet;
  process.env.TEST_MONGO_URI = replicaSet.getUri();
}
