import { MongoMemoryReplSet } from 'mongodb-memory-server-core';

/** The URI of the replica set that all test files share, with a database that nobody else uses. */
export function freshDatabaseUri(): string {
  return withFreshDatabase(process.env['TEST_MONGO_URI']!);
}

/** A database that nobody else uses, on a replica set of the test's own. */
export function uriOn(replicaSet: MongoMemoryReplSet): string {
  return withFreshDatabase(replicaSet.getUri());
}

function withFreshDatabase(uri: string): string {
  const name = `test-${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  return uri.replace(/^(mongodb:\/\/[^/]+)\/[^?]*/, `$1/${name}`);
}

/** A replica set of its own, for tests that break it: with mongod's `failCommand`, and quick elections. */
export async function startReplicaSet(count = 1): Promise<MongoMemoryReplSet> {
  return MongoMemoryReplSet.create({
    replSet: {
      count,
      storageEngine: 'wiredTiger',
      configSettings: { electionTimeoutMillis: 2_000 },
      args: [
        ...['--setParameter', 'enableTestCommands=1'],
        ...['--setParameter', 'transactionLifetimeLimitSeconds=5'],
        ...['--networkMessageCompressors', 'disabled'],
      ],
    },
    // The default of 10 s is too short for a busy machine.
    instanceOpts: Array.from({ length: count }, () => ({ launchTimeout: 60_000 })),
  });
}
