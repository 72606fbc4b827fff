import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { metricOf } from '../support/metric-of.js';
import { describeWith } from '../support/programs.js';
import { RedisProcess } from '../support/redis-process.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const [RIGHT, WRONG] = ['r1ghtpa55', 'wr0ngpa55'];

describeWith('redis-server', 'a Redis that asks for a password', (path) => {
  let redis: RedisProcess;
  beforeAll(async () => {
    redis = await RedisProcess.start(path, RIGHT);
  });
  afterAll(() => redis.kill());

  const withPassword = async (password: string, test: (running: RunningApp, logLines: string[]) => Promise<void>) => {
    const logLines: string[] = [];
    const redisUrl = redis.url.replace('redis://', `redis://:${password}@`);
    const running = await startApp({ config: { redisUrl }, logLines });
    try {
      await test(running, logLines);
      expect(logLines.join('')).not.toContain(password);
    } finally {
      await running.close();
    }
  };
  const isAway = async ({ api }: RunningApp) => (await metricOf(api, 'redis_away')) === 1;

  it('is used with it', () =>
    withPassword(RIGHT, async (running) => {
      await until('Redis is there', async () => !(await isAway(running)));
    }));

  it('is away with a wrong one: the log says why, and not the password, and the server sells by itself', () =>
    withPassword(WRONG, async (running, logLines) => {
      await until('Redis is away', () => isAway(running));
      const event = await running.api.createEvent();
      expect((await running.api.book(event._id)).status).toBe(201);
      const said = logLines.filter((line) => line.includes('Redis is away'));
      expect(said).toHaveLength(1);
      expect(JSON.parse(said[0]!)).toMatchObject({ reason: expect.stringMatching(/WRONGPASS|invalid username/) });
    }));
});
