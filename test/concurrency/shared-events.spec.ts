import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { SharedEvents } from '../../src/events/shared-events.js';
import type { Event } from '../../src/events/index.js';
import { metricOf } from '../support/metric-of.js';
import { describeWith } from '../support/programs.js';
import { claim, itHolds, times, withAnother } from '../support/race.js';
import { RedisProcess } from '../support/redis-process.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { watchCommands, watchedUri } from '../support/watch-commands.js';
import { without } from '../support/without.js';

const BOOKINGS = 20;
const REVISION = without('a look at the revision', SharedEvents, 'find', (find) => async (id) => {
  const event = await find(id);
  return event && { ...event, revision: Infinity };
});
const END = without('an end', SharedEvents, 'find', (find) => {
  const known = new Map<string, Event>();
  return async (id) => {
    const event = known.get(id) ?? (await find(id));
    if (event) known.set(id, event);
    return event;
  };
});

describeWith('redis-server', 'events that servers keep for each other in a Redis', (path) => {
  let redis: RedisProcess;
  beforeAll(async () => {
    redis = await RedisProcess.start(path);
  });
  afterAll(() => redis.kill());
  const start = () => ({ config: { redisUrl: redis.url } });

  const soldOf = async ({ api }: RunningApp, id: string, headers?: Record<string, string>) =>
    (await api.get(`/events/${id}`, headers)).body.event.soldTickets as number;
  const lookups = ({ api }: RunningApp, result: string) =>
    metricOf(api, `event_cache_lookups_total{result="${result}"}`);

  itHolds(
    'are never older than the revision that was asked for',
    (one) =>
      withAnother(one, async (other) => {
        const event = await one.api.createEvent({ totalTickets: BOOKINGS });
        const faults: string[] = [];
        let isOver = false;
        // So that there is always something in the cache.
        const viewers = times(4, async (viewer) => {
          while (!isOver) await soldOf(viewer % 2 === 0 ? one : other, event._id);
        });
        for (let sold = 1; sold <= BOOKINGS; sold++) {
          const booked = await one.api.bookUntilAnswered(event._id);
          const seen = await soldOf(other, event._id, {
            'Min-Event-Revision': booked.headers.get('event-revision') ?? 'none',
          });
          faults.push(...claim(`${seen} are sold where ${sold} were`, seen >= sold));
        }
        isOver = true;
        await Promise.all(viewers);
        return [...faults, ...claim('events came from the cache', (await lookups(other, 'hit')) > 0)];
      }),
    [REVISION],
    start,
  );

  itHolds(
    'are as they were less than a second ago',
    (one) =>
      withAnother(one, async (other) => {
        const event = await one.api.createEvent({ totalTickets: 3 });
        const faults: string[] = [];
        for (let sold = 1; sold <= 3; sold++) {
          await soldOf(other, event._id);
          await one.api.bookUntilAnswered(event._id);
          const until = performance.now() + 1_000;
          while (performance.now() < until) await Promise.all([soldOf(one, event._id), soldOf(other, event._id)]);
          for (const server of [one, other]) {
            const seen = await soldOf(server, event._id);
            faults.push(...claim(`${seen} are sold where ${sold} were a second ago`, seen >= sold));
          }
        }
        return [...faults, ...claim('events came from the cache', (await lookups(other, 'hit')) > 0)];
      }),
    [END],
    start,
  );

  it('cost one of two servers a read, and the other none', async () => {
    const uri = watchedUri();
    const [one, other] = [await startApp({ ...start(), uri }), await startApp({ ...start(), uri })];
    try {
      const event = await one.api.createEvent();
      const sent = watchCommands(other);
      await until('one looks at what the other has just read', async () => {
        await soldOf(one, event._id);
        // The metrics read something too.
        sent.length = 0;
        await soldOf(other, event._id);
        const reads = sent.length;
        return reads === 0 && (await lookups(other, 'hit')) > 0;
      });
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  });

  it('are not believed where somebody else has written them, and not needed where Redis is away', async () => {
    const one = await startApp(start());
    const intruder = new Redis(redis.url);
    try {
      const [event, other] = [await one.api.createEvent(), await one.api.createEvent({ totalTickets: 99 })];
      await soldOf(one, event._id);
      await one.api.get(`/events/${other._id}`);
      const keyOf = async ({ _id }: { _id: string }) => (await intruder.keys(`*:event:${_id}`))[0]!;
      const text = (await intruder.hget(await keyOf(other), 'text'))!;
      const key = await keyOf(event);
      // Another event's, which is signed; nonsense; and a changed one.
      for (const forged of [text, 'nonsense', text.replaceAll(other._id, event._id), '']) {
        await intruder.hset(key, { revision: 1, text: forged });
        expect((await one.api.get(`/events/${event._id}`)).body.event).toMatchObject({
          _id: event._id,
          totalTickets: 10,
        });
      }
      // A revision that never comes keeps the others from being kept, and nobody from an answer.
      await intruder.hset(key, { revision: 1e9, text: 'nonsense' });
      expect(await soldOf(one, event._id)).toBe(0);
      await redis.kill();
      await pause(10);
      expect(await soldOf(one, event._id)).toBe(0);
      expect(await lookups(one, 'failed')).toBeGreaterThan(0);
    } finally {
      intruder.disconnect();
      await one.close();
      await redis.start();
    }
  });
});
