import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll } from '@jest/globals';
import { Redis } from 'ioredis';
import { Clock } from '../../src/common/clock.js';
import { Peers, PeersMetrics } from '../../src/platform/peers/index.js';
import { REDIS, RedisPeers, type RedisServer } from '../../src/platform/redis/index.js';
import { countSold } from '../support/check-books.js';
import { OWNER } from '../support/connected.js';
import { metricOf } from '../support/metric-of.js';
import { describeWith } from '../support/programs.js';
import {
  checkAcknowledged,
  checkAnswers,
  compare,
  type Control,
  itHolds,
  times,
  withAnother,
} from '../support/race.js';
import { WALLS } from '../support/race.js';
import { RedisProcess } from '../support/redis-process.js';
import type { RunningApp } from '../support/start-app.js';
import { transactionsOf } from '../support/transactions-of.js';
import { until } from '../support/until.js';

const TICKETS = 60;
/** For one of many events. */
const FEW = 20;

/** The servers sign their messages with what everybody can guess. */
const SECRET: Control = {
  without: 'a secret',
  override: (builder) =>
    builder.overrideProvider(Peers).useFactory({
      inject: [REDIS, Clock, PeersMetrics],
      factory: (redis: RedisServer, clock: Clock, metrics: PeersMetrics) =>
        new RedisPeers(redis, { read: () => Promise.resolve('') }, clock, metrics),
    }),
};

/**
 * Sends again whatever servers send each other, and nonsense, and requests of its own, signed as well as it can, until the
 * function returned is called.
 */
async function intrude(url: string): Promise<() => void> {
  const [listener, sender] = [new Redis(url), new Redis(url)];
  const own = new Set<string>();
  listener.on('pmessage', (_pattern: string, channel: string, text: string) => {
    if (own.has(text)) return;
    const content = text
      .slice(text.indexOf(' ') + 1)
      .replaceAll('user', 'thief')
      .replace(/"bookingId":"..../g, '"bookingId":"ffff')
      .replace(/"number":/, '"number":9');
    const signature = createHmac('sha256', '').update(content).digest('base64');
    for (const each of [text, `${signature} ${content}`, 'nonsense', '']) {
      own.add(each);
      void sender.publish(channel, each);
    }
  });
  await listener.psubscribe('ticket-booking:*:to:*');
  return () => {
    listener.disconnect();
    sender.disconnect();
  };
}

describeWith('redis-server', 'two instances that meet at a Redis', (path) => {
  let redis: RedisProcess;
  beforeAll(async () => {
    redis = await RedisProcess.start(path);
  });
  afterAll(() => redis.kill());
  const start = () => ({ config: { redisUrl: redis.url } });

  const knowEachOther = async (...running: RunningApp[]) =>
    (await Promise.all(running.map(({ api }) => metricOf(api, 'peer_servers')))).every(
      (count) => count === running.length,
    );
  const untilKnown = (...running: RunningApp[]) => until('they know each other', () => knowEachOther(...running));
  const buy = (servers: readonly RunningApp[], eventId: string, count: number, from = 0) =>
    Promise.all(
      times(count, (index) =>
        servers[index % servers.length]!.api.bookUntilAnswered(eventId, { userId: `user${from + index}` }),
      ),
    );

  itHolds(
    'sell each event at one of them alone',
    (one) =>
      withAnother(one, async (other) => {
        const faults: string[] = [];
        let isSoldByOne = false;
        for (let looks = 0; looks < 100 && !(await knowEachOther(one, other)); looks++) await pause(20);
        // On a busy machine, a server that does not hear from Redis for a moment sells by itself. Without an owner, both always do.
        for (let events = 0; events < 20 && !isSoldByOne; events++) {
          const event = await one.api.createEvent({ totalTickets: FEW });
          const before = [await transactionsOf(one), await transactionsOf(other)];
          const answers = await buy([one, other], event._id, 2 * FEW);
          const sellers = [await transactionsOf(one), await transactionsOf(other)].filter((n, i) => n > before[i]!);
          faults.push(
            ...(await checkAnswers(one, answers)),
            ...checkAcknowledged(FEW, answers),
            ...compare('tickets sold', FEW, await countSold(one.db, event._id)),
          );
          isSoldByOne = sellers.length === 1;
        }
        return [...faults, ...compare('an event that one server has sold alone', true, isSoldByOne)];
      }),
    [OWNER],
    start,
  );

  itHolds(
    'sell on while it is killed and wiped, and know each other again',
    (one) =>
      withAnother(one, async (other) => {
        await untilKnown(one, other);
        const event = await one.api.createEvent({ totalTickets: 4 * TICKETS });
        const answers = [...(await buy([one, other], event._id, TICKETS))];
        const meanwhile = buy([one, other], event._id, TICKETS, TICKETS);
        await redis.kill();
        answers.push(...(await meanwhile), ...(await buy([one, other], event._id, TICKETS, 2 * TICKETS)));
        await redis.start();
        await untilKnown(one, other);
        await redis.ask('FLUSHALL');
        answers.push(...(await buy([one, other], event._id, 3 * TICKETS, 3 * TICKETS)));
        await untilKnown(one, other);
        return [
          ...(await checkAnswers(one, answers)),
          ...checkAcknowledged(4 * TICKETS, answers),
          ...compare('tickets sold', 4 * TICKETS, await countSold(one.db, event._id)),
        ];
      }),
    [WALLS],
    start,
  );

  itHolds(
    'sell on while it is stopped, and know each other again',
    (one) =>
      withAnother(one, async (other) => {
        await untilKnown(one, other);
        const event = await one.api.createEvent({ totalTickets: 2 * TICKETS });
        redis.signal('SIGSTOP');
        const answers = await buy([one, other], event._id, TICKETS).finally(() => redis.signal('SIGCONT'));
        await untilKnown(one, other);
        answers.push(...(await buy([one, other], event._id, 2 * TICKETS, TICKETS)));
        return [
          ...(await checkAnswers(one, answers)),
          ...checkAcknowledged(2 * TICKETS, answers),
          ...compare('tickets sold', 2 * TICKETS, await countSold(one.db, event._id)),
        ];
      }),
    [WALLS],
    start,
  );

  itHolds(
    'take no message that was forged, changed or sent again',
    (one) =>
      withAnother(one, async (other) => {
        await untilKnown(one, other);
        const event = await one.api.createEvent({ totalTickets: TICKETS });
        const leave = await intrude(redis.url);
        const answers = await buy([one, other], event._id, 2 * TICKETS).finally(leave);
        const thieves = await one.db.collection('bookings').countDocuments({ userId: /thief/ });
        const dropped = async (reason: string) => {
          const name = `peer_messages_dropped_total{reason="${reason}"}`;
          return (await metricOf(one.api, name)) + (await metricOf(other.api, name));
        };
        await until(
          'copies and forgeries have come',
          async () => (await dropped('forged')) > 0 && (await dropped('repeated')) > 0,
        );
        return [
          ...(await checkAnswers(one, answers)),
          ...checkAcknowledged(TICKETS, answers),
          ...compare('bookings by nobody', 0, thieves),
          ...compare('tickets sold', TICKETS, await countSold(one.db, event._id)),
        ];
      }),
    [SECRET],
    start,
  );
});
