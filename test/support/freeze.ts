import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type { RunningApp } from './start-app.js';

/**
 * Runs `work` while the one member of the replica set stands still: what it is asked by the product is not answered
 * before the end of `work`.
 */
export async function whileFrozen<Result>(
  { api }: RunningApp,
  replicaSet: MongoMemoryReplSet,
  work: () => Promise<Result>,
): Promise<Result> {
  const mongod = replicaSet.servers[0]!.instanceInfo!.instance.mongodProcess!;
  mongod.kill('SIGSTOP');
  try {
    // A signal takes its time to arrive.
    while ((await api.get('/health/ready')).status === 200);
    return await work();
  } finally {
    mongod.kill('SIGCONT');
  }
}
