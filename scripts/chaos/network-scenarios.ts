import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './host.js';
import { MongoCluster } from './mongo-cluster.js';
import { Network } from './network.js';
import { Rabbit } from './rabbit.js';
import { Redis } from './redis.js';
import { type Scenario, SETTINGS } from './scenario.js';
import { Server } from './server.js';
import type { Workspace } from './workspace.js';

/** Longer than a lease, and than the members of a set wait for one of them. */
const CUT_MS = 5_000;
const MEMBERS = 3;
const SERVERS = 2;

/** A whole installation, each part of it on a host of its own. */
interface Installation {
  readonly primary: Host;
  readonly secondaries: readonly Host[];
  readonly redis: Host;
  readonly rabbit: Host;
  readonly servers: readonly Host[];
}

/** What is sent from one to the other is lost. */
type Way = readonly [from: Host, to: Host];
type Cut = (all: Installation) => readonly Way[];

/** Between the servers and something that they can do without. */
const cutsTo = (part: 'redis' | 'rabbit'): readonly Cut[] => [
  ({ servers, [part]: host }) => bothWays(servers, [host]),
  ({ servers, [part]: host }) => oneWay(servers, [host]),
  ({ servers, [part]: host }) => oneWay([host], servers),
  ({ servers, [part]: host }) => bothWays(servers.slice(0, 1), [host]),
];

const PRIMARY: readonly Cut[] = [
  ({ primary, secondaries }) => bothWays([primary], secondaries),
  ({ primary, secondaries }) => oneWay([primary], secondaries),
  ({ primary, secondaries }) => oneWay(secondaries, [primary]),
  ({ primary, secondaries, servers }) => bothWays([primary], [...secondaries, ...servers]),
  ({ primary, servers }) => bothWays([primary], servers),
  ({ primary, servers }) => oneWay(servers, [primary]),
  ({ primary, servers }) => oneWay([primary], servers),
  ({ primary, servers }) => bothWays([primary], servers.slice(0, 1)),
];

const SECONDARY: readonly Cut[] = [
  ({ primary, secondaries }) => bothWays(secondaries.slice(0, 1), [primary, ...secondaries.slice(1)]),
  ({ primary, secondaries }) => oneWay([primary], secondaries.slice(0, 1)),
  ({ primary, secondaries }) => oneWay(secondaries.slice(0, 1), [primary]),
];

export const NETWORK_SCENARIOS: readonly Scenario[] = [
  scenario('Redis', true, cutsTo('redis')),
  scenario('RabbitMQ', false, cutsTo('rabbit')),
  scenario('the primary', true, PRIMARY),
  scenario('a secondary', false, SECONDARY),
];

function scenario(place: string, isQuick: boolean, cuts: readonly Cut[]): Scenario {
  return {
    name: `network to ${place} cut`,
    isQuick,
    needs: ['redis-server', 'rabbitmq-server'],
    needsNetwork: true,
    async set(workspace, mongod) {
      const { network, cluster, servers, others } = await install(workspace, mongod);
      const faults = cuts.map((cut) => async () => {
        const primary = await cluster.primary();
        const secondaries = cluster.othersThan(primary).map(({ host }) => host);
        const ways = cut({ ...others, primary: primary.host, secondaries, servers: servers.map(({ host }) => host) });
        for (const [from, to] of ways) network.cut(from, to);
        await sleep(CUT_MS);
        for (const [from, to] of ways) network.mend(from, to);
        await cluster.healthy();
        await Promise.all(servers.map((server) => server.ready()));
      });
      return { faults, urls: servers.map(({ url }) => url), uri: () => cluster.uri };
    },
  };
}

async function install(workspace: Workspace, mongod: string) {
  const network = Network.make(workspace);
  const members = Array.from({ length: MEMBERS }, () => network.host());
  const [cluster, redis, rabbit] = await Promise.all([
    MongoCluster.start(workspace, mongod, members),
    Redis.start(workspace, network.host()),
    Rabbit.start(workspace, network.host()),
  ]);
  const settings = {
    ...SETTINGS,
    MONGO_URI: cluster.uri,
    REDIS_URL: redis.url,
    AMQP_URL: rabbit.url,
    // Callers come from another host, and have no keys.
    AUTH: 'off',
  };
  const starting = Array.from({ length: SERVERS }, (_, index) =>
    Server.start(workspace, `server-${index + 1}`, settings, network.host()),
  );
  const servers = await Promise.all(starting);
  return { network, cluster, servers, others: { redis: redis.host, rabbit: rabbit.host } };
}

function oneWay(senders: readonly Host[], receivers: readonly Host[]): Way[] {
  return senders.flatMap((from) => receivers.map((to): Way => [from, to]));
}

function bothWays(some: readonly Host[], others: readonly Host[]): Way[] {
  return [...oneWay(some, others), ...oneWay(others, some)];
}
