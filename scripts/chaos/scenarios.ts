import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Desk } from './desk.js';
import { type Host, LOCAL_HOST } from './host.js';
import { type Member, MongoCluster } from './mongo-cluster.js';
import { NETWORK_SCENARIOS } from './network-scenarios.js';
import { Rabbit } from './rabbit.js';
import { Redis } from './redis.js';
import { type Fault, type Scenario, SETTINGS, type Stage } from './scenario.js';
import { Server } from './server.js';
import { until } from './wait.js';
import type { Workspace } from './workspace.js';

const FROZEN_MS = 5_000;
/** Less than the primary needs to notice that it is alone, and to step down. */
const STRANDED_MS = 1_000;
/** How long it takes whoever starts again what was killed. */
const RESTART_DELAY_MS = 300;
/** Servers sell without their Redis for so long. */
const AWAY_MS = 3_000;
const DUE_TIMEOUT_MS = 60_000;
/** By how much the clocks of two servers are wrong. */
const CLOCKS_APART = [2_000, -2_000];
const SKEWED_CLOCK = fileURLToPath(new URL('../support/skewed-clock.mjs', import.meta.url));

const REDIS = { needs: ['redis-server'] } as const;
const RABBIT = { needs: ['rabbitmq-server'] } as const;

export const SCENARIOS: readonly Scenario[] = [
  { name: 'server kill -9', isQuick: false, set: withServers(1, killServer) },
  { name: 'one of two servers kill -9', isQuick: false, set: withServers(2, killServer) },
  { name: 'one of two servers kill -9, clocks apart', isQuick: true, set: withServers(2, killServer, CLOCKS_APART) },
  { name: 'server SIGSTOP', isQuick: true, set: withServers(1, freezeServer) },
  { name: 'one of two servers SIGSTOP', isQuick: false, set: withServers(2, freezeServer) },
  { name: 'mongod kill -9', isQuick: true, set: withMembers(1, killPrimary) },
  { name: 'embedded kill -9', isQuick: false, set: embedded },
  { name: 'primary kill -9', isQuick: false, set: withMembers(3, killPrimary) },
  { name: 'primary kill -9, stranded', isQuick: true, set: withMembers(3, killStrandedPrimary) },
  { name: 'primary SIGSTOP', isQuick: false, set: withMembers(3, freezePrimary) },
  { name: 'secondaries SIGSTOP', isQuick: false, set: withMembers(3, freezeSecondaries) },
  { name: 'primary steps down', isQuick: false, set: withMembers(3, stepDown) },
  { name: 'two at once', isQuick: false, set: twoAtOnce },
  { name: 'one of two workers kill -9', isQuick: false, set: withWorkers },
  { ...REDIS, name: 'Redis kill -9, four servers', isQuick: true, set: withRedis(4, killRedis) },
  { ...REDIS, name: 'Redis SIGSTOP, four servers', isQuick: false, set: withRedis(4, freezeRedis) },
  { ...REDIS, name: 'Redis wiped, four servers', isQuick: false, set: withRedis(4, wipeRedis) },
  { ...REDIS, name: 'one of two servers SIGSTOP, Redis', isQuick: false, set: withRedis(2, freezeOne) },
  { ...REDIS, name: 'one of two servers kill -9, Redis', isQuick: false, set: withRedis(2, killOne) },
  { ...RABBIT, name: 'RabbitMQ kill -9, two servers', isQuick: true, set: withRabbit(killRabbit) },
  { ...RABBIT, name: 'RabbitMQ SIGSTOP, two servers', isQuick: false, set: withRabbit(freezeRabbit) },
  { ...RABBIT, name: 'one of two servers kill -9, RabbitMQ', isQuick: false, set: withRabbit(killOneBesideRabbit) },
  ...NETWORK_SCENARIOS,
];

/** So many servers on one database, of which one after the other breaks. */
function withServers(
  count: number,
  breakServer: (server: Server) => Promise<void>,
  skewsMs: readonly number[] = [],
): Scenario['set'] {
  return async (workspace, mongod) => {
    const { servers, ...stage } = await start(workspace, mongod, { members: 1, servers: count, skewsMs });
    return { ...stage, faults: servers.map((server) => () => breakServer(server)) };
  };
}

/** So many servers that meet at a Redis, something of which breaks. */
function withRedis(
  count: number,
  breakOne: (redis: Redis, servers: readonly Server[]) => Promise<void>,
): Scenario['set'] {
  return async (workspace, mongod) => {
    const redis = await Redis.start(workspace);
    const settings = { REDIS_URL: redis.url };
    const { servers, ...stage } = await start(workspace, mongod, { members: 1, servers: count, settings });
    return { ...stage, faults: [() => breakOne(redis, servers)] };
  };
}

/** Two servers that a RabbitMQ calls to decide what is queued, something of which breaks. */
function withRabbit(breakOne: (rabbit: Rabbit, servers: readonly Server[]) => Promise<void>): Scenario['set'] {
  return async (workspace, mongod) => {
    const rabbit = await Rabbit.start(workspace);
    const settings = { AMQP_URL: rabbit.url };
    const { servers, ...stage } = await start(workspace, mongod, { members: 1, servers: 2, settings });
    return { ...stage, faults: [() => breakOne(rabbit, servers)] };
  };
}

/** Two workers behind one port, of which the last one breaks. */
async function withWorkers(workspace: Workspace, mongod: string): Promise<Stage> {
  const settings = { WORKERS: '2' };
  const { servers, ...stage } = await start(workspace, mongod, { members: 1, servers: 1, settings });
  return { ...stage, faults: servers.map((server) => () => server.killWorker()) };
}

/** A replica set of so many members, whose primary breaks between the end of a hold and its pulse; several have two servers. */
function withMembers(count: number, breakPrimary: (cluster: MongoCluster) => Promise<void>): Scenario['set'] {
  return async (workspace, mongod) => {
    const { cluster, ...stage } = await start(workspace, mongod, { members: count, servers: count > 1 ? 2 : 1 });
    const fault: Fault = async (desk) => {
      await untilHoldIsDue(cluster, desk);
      await breakPrimary(cluster);
    };
    return { ...stage, faults: [fault] };
  };
}

/** A server and the primary break together, in every combination. */
async function twoAtOnce(workspace: Workspace, mongod: string): Promise<Stage> {
  const { cluster, servers, ...stage } = await start(workspace, mongod, { members: 3, servers: 2 });
  const faults = [killPrimary, freezePrimary, stepDown].flatMap((breakPrimary) =>
    [killServer, freezeServer].map((breakServer, index) => async () => {
      await Promise.all([breakPrimary(cluster), ...servers.slice(index, index + 1).map(breakServer)]);
    }),
  );
  return { ...stage, faults };
}

async function start(
  workspace: Workspace,
  mongod: string,
  count: {
    readonly members: number;
    readonly servers: number;
    readonly skewsMs?: readonly number[];
    readonly settings?: NodeJS.ProcessEnv;
  },
) {
  const cluster = await MongoCluster.start(workspace, mongod, Array<Host>(count.members).fill(LOCAL_HOST));
  const starting = Array.from({ length: count.servers }, (_, index) =>
    Server.start(workspace, `server-${index + 1}`, {
      MONGO_URI: cluster.uri,
      ...SETTINGS,
      ...count.settings,
      ...skewed(count.skewsMs?.[index]),
    }),
  );
  const servers = await Promise.all(starting);
  return { cluster, servers, urls: servers.map(({ url }) => url), uri: () => cluster.uri };
}

/** The environment of a server whose clock is wrong. */
function skewed(skewMs: number | undefined): NodeJS.ProcessEnv {
  if (skewMs === undefined) return {};
  return {
    CLOCK_SKEW_MS: String(skewMs),
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${SKEWED_CLOCK}`,
  };
}

/** Returns when a hold has ended and is still stored as active: nobody asks about it, and the pulse has not come. */
async function untilHoldIsDue(cluster: MongoCluster, desk: Desk): Promise<void> {
  await until('a hold is due before the pulse comes', DUE_TIMEOUT_MS, async () => {
    const primary = await cluster.primary();
    await desk.letHoldEnd();
    return primary.hasActiveHold(desk.quiet.id);
  });
}

/** A server with a mongod of its own, of which each breaks in turn. */
async function embedded(workspace: Workspace, mongod: string): Promise<Stage> {
  const server = await Server.start(workspace, 'server-1', { ...SETTINGS, MONGOMS_SYSTEM_BINARY: mongod });
  const killMongod = async () => {
    if (server.mongodPid === undefined) throw new Error('the server has no mongod of its own');
    process.kill(server.mongodPid, 'SIGKILL');
    await sleep(RESTART_DELAY_MS);
    await server.ready();
  };
  return { urls: [server.url], faults: [() => killServer(server), killMongod], uri: () => server.mongodUri };
}

async function killServer(server: Server): Promise<void> {
  await server.kill();
  await sleep(RESTART_DELAY_MS);
  server.launch();
  await server.ready();
}

async function freezeServer(server: Server): Promise<void> {
  await freeze([server]);
  await server.ready();
}

/** It comes back, and knows nothing. */
async function killRedis(redis: Redis): Promise<void> {
  await redis.kill();
  await sleep(AWAY_MS);
  await redis.launch();
}

async function killRabbit(rabbit: Rabbit): Promise<void> {
  await rabbit.kill();
  await sleep(AWAY_MS);
  await rabbit.launch();
}

async function freezeRabbit(rabbit: Rabbit): Promise<void> {
  await freeze([rabbit]);
  await rabbit.ready();
}

async function killOneBesideRabbit(_rabbit: Rabbit, servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.slice(0, 1).map(killServer));
}

async function freezeRedis(redis: Redis): Promise<void> {
  await freeze([redis]);
  await redis.ready();
}

function wipeRedis(redis: Redis): Promise<void> {
  return redis.wipe();
}

/** For longer than its lease: another server has its events when it wakes up. */
async function freezeOne(_redis: Redis, [server]: readonly Server[]): Promise<void> {
  if (server) await freezeServer(server);
}

async function killOne(_redis: Redis, [server]: readonly Server[]): Promise<void> {
  if (server) await killServer(server);
}

async function killPrimary(cluster: MongoCluster): Promise<void> {
  const primary = await cluster.primary();
  await primary.kill();
  await sleep(RESTART_DELAY_MS);
  primary.start();
  await cluster.healthy();
}

/**
 * What it commits last no other member has ever seen: they go on without it, and it has to take that back. They are killed,
 * since one that is frozen would find all of it in the buffers of its connection.
 */
async function killStrandedPrimary(cluster: MongoCluster): Promise<void> {
  const primary = await cluster.primary();
  const others = cluster.othersThan(primary);
  await Promise.all(others.map((member) => member.kill()));
  await sleep(STRANDED_MS);
  await primary.kill();
  for (const member of others) member.start();
  await cluster.primary();
  primary.start();
  await cluster.healthy();
}

async function freezePrimary(cluster: MongoCluster): Promise<void> {
  await freeze([await cluster.primary()]);
  await cluster.healthy();
}

/** What the primary commits meanwhile is in doubt for longer than callers wait, and becomes true after all. */
async function freezeSecondaries(cluster: MongoCluster): Promise<void> {
  await freeze(cluster.othersThan(await cluster.primary()));
  await cluster.healthy();
}

async function freeze(running: readonly (Server | Redis | Rabbit | Member)[]): Promise<void> {
  for (const each of running) each.signal('SIGSTOP');
  await sleep(FROZEN_MS);
  for (const each of running) each.signal('SIGCONT');
}

async function stepDown(cluster: MongoCluster): Promise<void> {
  const primary = await cluster.primary();
  await primary.stepDown();
  await cluster.healthy();
}
