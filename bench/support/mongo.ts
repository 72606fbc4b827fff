import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import mongoose, { type mongo } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from './scope.js';

/** A member of a replica set. */
export interface Node {
  readonly host: string;
  readonly pid: number;
}

/** A replica set of the benchmark's own. */
export interface Mongo {
  readonly client: mongo.MongoClient;
  readonly version: string;
  /** A database that nothing else uses: its name and its URI. */
  freshDatabase(prefix: string): { name: string; uri: string };
  /** The members that follow the primary, whichever that is by now. */
  secondaries(): Promise<readonly Node[]>;
  /** Changes how the set deals with a member. */
  reconfigure(host: string, settings: { priority: number; secondaryDelaySecs: number }): Promise<void>;
  /** Another member becomes the primary, in an election. */
  stepDown(): Promise<void>;
  /** Returns once there is a primary, and all others follow it. */
  untilHealthy(): Promise<void>;
}

const HEALTHY_MS = 60_000;
const POLL_MS = 50;
/** For so long it can't be elected again. */
const STEP_DOWN_SECONDS = 5;

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
  return { client, version, freshDatabase, ...control(replicaSet, client) };
}

function control(replicaSet: MongoMemoryReplSet, client: mongo.MongoClient) {
  const admin = client.db('admin');
  const states = async () => {
    const { members } = (await admin.command({ replSetGetStatus: 1 })) as unknown as {
      members: readonly { name: string; stateStr: string }[];
    };
    return members;
  };
  const nodes = replicaSet.servers.map(({ instanceInfo }): Node => {
    const pid = instanceInfo?.instance.mongodProcess?.pid;
    if (pid === undefined) throw new Error('a mongod has ended');
    return { host: `${instanceInfo?.ip}:${instanceInfo?.port}`, pid };
  });
  return {
    secondaries: async () => {
      const following = (await states()).filter(({ stateStr }) => stateStr === 'SECONDARY').map(({ name }) => name);
      return nodes.filter(({ host }) => following.includes(host));
    },
    reconfigure: async (host: string, settings: object) => {
      const { config } = (await admin.command({ replSetGetConfig: 1 })) as unknown as {
        config: { version: number; members: readonly { host: string }[] };
      };
      const members = config.members.map((member) => (member.host === host ? { ...member, ...settings } : member));
      await admin.command({ replSetReconfig: { ...config, version: config.version + 1, members } });
    },
    stepDown: async () => {
      await admin.command({ replSetStepDown: STEP_DOWN_SECONDS, secondaryCatchUpPeriodSecs: 2 });
    },
    untilHealthy: async () => {
      const deadline = performance.now() + HEALTHY_MS;
      const isHealthy = async () => {
        const all = (await states().catch(() => [])).map(({ stateStr }) => stateStr);
        const primaries = all.filter((state) => state === 'PRIMARY').length;
        return primaries === 1 && all.every((state) => state === 'PRIMARY' || state === 'SECONDARY');
      };
      while (!(await isHealthy())) {
        if (performance.now() > deadline) throw new Error('the replica set does not get whole again');
        await sleep(POLL_MS);
      }
    },
  };
}
