import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { get } from 'node:http';
import { mongo } from 'mongoose';
import { countSold, findImbalances } from '../support/check-books.js';
import { metricOf } from '../support/metric-of.js';
import { describeWith } from '../support/programs.js';
import { bookedOf, times } from '../support/race.js';
import { RedisProcess } from '../support/redis-process.js';
import { runToEnd, type ServerProcess, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const TICKETS = 200;
const READY = 'A further worker is ready';

describe('two workers behind one port', () => {
  const workplace = new Workplace();
  const uri = freshDatabaseUri();
  const client = new mongo.MongoClient(uri);
  let server: ServerProcess;
  beforeAll(async () => {
    server = await (await workplace.start(workplace.folder(), { MONGO_URI: uri, WORKERS: '2' })).ready();
    await server.says(READY);
  });
  afterAll(async () => {
    await client.close();
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
    await workplace.clear();
  });

  const furtherWorkers = () =>
    server.output
      .split('\n')
      .filter((line) => line.includes(READY))
      .map((line) => (JSON.parse(line) as { pid: number }).pid);
  const metric = (series: string) => metricOf(server.api, series);
  const buy = (eventId: string, count: number) =>
    Promise.all(times(count, (user) => server.api.bookUntilAnswered(eventId, { userId: `user${user}` })));

  it("sell every ticket once, do not get into each other's way, and add up their metrics", async () => {
    const conflicts = 'booking_transactions_total{result="conflict"}';
    const sold = 'booking_tickets_sold_total';
    const [conflictsBefore, soldBefore] = [await metric(conflicts), await metric(sold)];
    const event = await server.api.createEvent({ totalTickets: TICKETS });
    const answers = await buy(event._id, 2 * TICKETS);
    expect(bookedOf(answers)).toHaveLength(TICKETS);
    expect(await countSold(client.db(), event._id)).toBe(TICKETS);
    expect((await metric(sold)) - soldBefore).toBe(TICKETS);
    // What is not for adding up.
    expect([await metric('mongodb_up'), await metric('live_interrupted')]).toEqual([1, 0]);
    // Each transaction carries a few of them at least: without an owner, about every second one would be void.
    expect((await metric(conflicts)) - conflictsBefore).toBeLessThan(TICKETS / 20);
    expect(await findImbalances(client.db())).toEqual([]);
  });

  it('leave no connection open and silent when they die', async () => {
    const url = `${server.api.url}/health/live`;
    let isOver = false;
    const knocking = times(20, () => knock(url, () => isOver));
    for (let deaths = 0; deaths < 3; deaths++) {
      const [further] = furtherWorkers().slice(-1);
      process.kill(further!, 'SIGKILL');
      await until('another one is ready', () => furtherWorkers().at(-1) !== further);
    }
    isOver = true;
    for (const heard of await Promise.all(knocking)) expect(heard).toBeGreaterThan(0);
  });

  it('are replaced when they die, and lose nothing that was acknowledged', async () => {
    const event = await server.api.createEvent({ totalTickets: TICKETS });
    const [further] = furtherWorkers().slice(-1);
    const selling = Promise.all(
      times(20, async (till) => {
        const booked: string[] = [];
        for (let turn = 0; turn < 20; turn++) {
          // Whoever was connected to the worker that died hears nothing, and does not know.
          const wish = { userId: `till${till}-${turn}` };
          const answer = await server.api.bookUntilAnswered(event._id, wish).catch(() => undefined);
          booked.push(...bookedOf(answer ? [answer] : []).map(({ _id }) => _id));
        }
        return booked;
      }),
    );
    await until('some are sold', async () => (await countSold(client.db(), event._id)) > 10);
    process.kill(further!, 'SIGKILL');
    const booked = (await selling).flat();
    await until('another one is ready', () => furtherWorkers().at(-1) !== further);
    const stored = await client
      .db()
      .collection('bookings')
      .find({ eventId: { $exists: true } })
      .toArray();
    const ids = new Set(stored.map(({ _id }) => String(_id)));
    expect(booked.filter((id) => !ids.has(id))).toEqual([]);
    expect(new Set(booked).size).toBe(booked.length);
    expect(await countSold(client.db(), event._id)).toBe(TICKETS);
    expect(await findImbalances(client.db())).toEqual([]);
  });
});

describeWith('redis-server', 'two servers of two workers each, which meet at a Redis', (path) => {
  const workplace = new Workplace();
  const uri = freshDatabaseUri();
  let redis: RedisProcess;
  let servers: ServerProcess[];
  beforeAll(async () => {
    redis = await RedisProcess.start(path);
    const settings = { MONGO_URI: uri, WORKERS: '2', REDIS_URL: redis.url };
    servers = [];
    // The first one makes the schema.
    for (let count = 0; count < 2; count++) {
      const server = await (await workplace.start(workplace.folder(), settings)).ready();
      await server.says(READY);
      servers.push(server);
    }
  });
  afterAll(async () => {
    await workplace.clear();
    await redis.kill();
  });

  it('are four peers, and sell every ticket once', async () => {
    const [one, other] = servers.map(({ api }) => api);
    await until('all know each other', async () => (await metricOf(one!, 'peer_servers')) === 4);
    const event = await one!.createEvent({ totalTickets: TICKETS });
    const answers = await Promise.all(
      times(2 * TICKETS, (user) => (user % 2 ? one! : other!).bookUntilAnswered(event._id, { userId: `user${user}` })),
    );
    expect(bookedOf(answers)).toHaveLength(TICKETS);
    const client = new mongo.MongoClient(uri);
    expect(await countSold(client.db(), event._id)).toBe(TICKETS);
    expect(await findImbalances(client.db())).toEqual([]);
    await client.close();
  });
});

/** Connects again and again until `isOver`, and returns how many were answered or cut off. */
async function knock(url: string, isOver: () => boolean): Promise<number> {
  let heard = 0;
  for (; !isOver(); heard++)
    await new Promise<void>((resolve) => {
      get(url, { agent: false }, (answer) => answer.resume().once('close', resolve)).once('error', () => resolve());
    });
  return heard;
}

describe('WORKERS', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());
  const refusal = async (environment: Record<string, string>) =>
    runToEnd(workplace.folder(), 'dist/main.js', [], { PORT: '0', ...environment });

  it('needs a database of its own', async () => {
    expect(await refusal({ WORKERS: '2' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('MONGO_URI must name a database where WORKERS is more than 1'),
    });
  });

  it('says once what keeps them from serving', async () => {
    const { code, stderr } = await refusal({ WORKERS: '3', MONGO_URI: 'mongodb+srv://no-such-cluster.invalid/' });
    expect(code).toBe(1);
    expect(stderr.match(/no-such-cluster/g)!.length).toBeGreaterThan(0);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
