import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Answer } from '../support/api.js';
import { metricOf } from '../support/metric-of.js';
import { describeWith } from '../support/programs.js';
import { RedisProcess } from '../support/redis-process.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const QUOTA = 12;

describeWith('redis-server', 'the budgets of two servers that meet at a Redis', (path) => {
  let redis: RedisProcess;
  let servers: RunningApp[];
  beforeAll(async () => {
    redis = await RedisProcess.start(path);
  });
  const start = async (quota = QUOTA) => {
    const config = { redisUrl: redis.url, sellPerIp: quota };
    const one = await startApp({ config });
    servers = [one, await startApp({ config, uri: one.uri })];
  };
  afterEach(() => Promise.all(servers.map((server) => server.close())));
  afterAll(() => redis.kill());

  /** Asks the servers in turn for something that a shop may do, and that is refused as soon as it is allowed. */
  const ask = async (count: number) => {
    const answers: Answer[] = [];
    for (let index = 0; index < count; index++) answers.push(await servers[index % 2]!.api.post('/book', {}));
    return answers;
  };
  const countOf = (answers: readonly Answer[], status: number) =>
    answers.filter((answer) => answer.status === status).length;
  const leftOf = ({ headers }: Answer) => /r=(\d+)/.exec(headers.get('ratelimit')!)![1];
  const fallbacks = ({ api }: RunningApp) => metricOf(api, 'rate_limit_fallbacks_total');

  it('are one budget, and every answer says what is left of it', async () => {
    await start();
    const answers = await ask(QUOTA + 4);
    expect(answers.map(({ status }) => status)).toEqual([...Array(QUOTA).fill(400), ...Array(4).fill(429)]);
    expect(answers.slice(0, 4).map(leftOf)).toEqual(['11', '10', '9', '8']);
    expect(await Promise.all(servers.map(fallbacks))).toEqual([0, 0]);
  });

  it('hold exactly when many ask at once', async () => {
    await start();
    const answers = await Promise.all(
      Array.from({ length: 10 * QUOTA }, (_, index) => servers[index % 2]!.api.post('/book', {})),
    );
    expect(countOf(answers, 400)).toBe(QUOTA);
    expect(countOf(answers, 429)).toBe(9 * QUOTA);
  });

  it.each([400, 2_000])('hold within 2 % when they do not wait for Redis: %d', async (quota) => {
    await start(quota);
    const answers: Answer[] = [];
    const callers = Array.from({ length: 40 }, async (_, index) => {
      while (answers.length < 1.5 * quota) answers.push(await servers[index % 2]!.api.post('/book', {}));
    });
    await Promise.all(callers);
    expect(countOf(answers, 400) + countOf(answers, 429)).toBe(answers.length);
    expect(countOf(answers, 400)).toBeGreaterThanOrEqual(quota);
    expect(countOf(answers, 400)).toBeLessThanOrEqual(1.02 * quota);
    expect(await Promise.all(servers.map(fallbacks))).toEqual([0, 0]);
  });

  it('let nobody through who has used them up, even at a server that sees them for the first time', async () => {
    await start(400);
    const [one, other] = servers.map(({ api }) => api);
    for (let left = 400; left > 0; left -= 40)
      await Promise.all(Array.from({ length: 40 }, () => one!.post('/book', {})));
    const answers = await Promise.all(Array.from({ length: 100 }, () => other!.post('/book', {})));
    // One may be ahead of Redis' answer.
    expect(countOf(answers, 429)).toBeGreaterThanOrEqual(99);
  });

  it('are not charged for a repetition, whichever server it reaches', async () => {
    await start();
    const [one, other] = servers.map(({ api }) => api);
    const { _id } = await one!.createEvent({ totalTickets: 100 });
    const key = { 'Idempotency-Key': randomUUID() };
    const wish = { eventId: _id, userId: 'ann', quantity: 1 };
    const answers = [await one!.post('/book', wish, key), await other!.post('/book', wish, key)];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers.map(leftOf)).toEqual(['10', '10']);
  });

  it('are counted by each server while Redis is killed or stopped, and together again when it is back', async () => {
    await start();
    await ask(QUOTA);
    await redis.kill();
    // Each has a budget of its own.
    expect(countOf(await ask(2 * QUOTA + 2), 429)).toBe(2);
    expect(Math.min(...(await Promise.all(servers.map(fallbacks))))).toBeGreaterThan(QUOTA);
    await redis.start();
    await until('Redis is back', async () => {
      const away = await Promise.all(servers.map(({ api }) => metricOf(api, 'redis_away')));
      return away.every((each) => each === 0);
    });
    // It has forgotten what was used.
    expect(countOf(await ask(QUOTA + 2), 429)).toBe(2);

    redis.signal('SIGSTOP');
    const answers = await ask(4).finally(() => redis.signal('SIGCONT'));
    expect(countOf(answers, 400) + countOf(answers, 429)).toBe(4);
  });
});
