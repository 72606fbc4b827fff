import type { mongo } from 'mongoose';

/** What programs send in order to read and to write; not what members and drivers send to see that they live. */
const COMMANDS = [
  'abortTransaction',
  'aggregate',
  'commitTransaction',
  'count',
  'delete',
  'distinct',
  'find',
  'findAndModify',
  'getMore',
  'insert',
  'update',
] as const;

export interface Work {
  /** How many commands were received. */
  readonly commands: number;
  /** How many keys of indexes were examined for them. */
  readonly keys: number;
}

/** Returns a function that returns what mongod has done since, by its own counts, for all of its clients. */
export async function workSince(client: mongo.MongoClient): Promise<() => Promise<Work>> {
  const before = await workOf(client);
  return async () => {
    const after = await workOf(client);
    return { commands: after.commands - before.commands, keys: after.keys - before.keys };
  };
}

async function workOf(client: mongo.MongoClient): Promise<Work> {
  const { metrics } = (await client.db('admin').command({ serverStatus: 1 })) as unknown as {
    metrics: { commands: Record<string, { total: number } | undefined>; queryExecutor: { scanned: number } };
  };
  const totals = COMMANDS.map((name) => metrics.commands[name]?.total ?? 0);
  return { commands: totals.reduce((sum, total) => sum + total, 0), keys: metrics.queryExecutor.scanned };
}
