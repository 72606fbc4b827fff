import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { metricOf } from '../support/metric-of.js';
import { describeWith } from '../support/programs.js';
import { times } from '../support/race.js';
import { RedisProcess } from '../support/redis-process.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { watchCommands, watchedUri } from '../support/watch-commands.js';

/** A read that is so old is not waited for by the next one. */
const PATIENCE_MS = 250;
const TRIES_MAX = 3;

/** Returns how many reads of events have begun, from now on until it is asked, while another one had just begun. */
function countHastyReads({ app }: RunningApp): () => number {
  const begunAt = new Map<number, number>();
  let hasty = 0;
  app
    .get<Connection>(getConnectionToken())
    .getClient()
    .on('commandStarted', ({ command, requestId }) => {
      if (command['find'] !== 'events') return;
      const now = performance.now();
      if ([...begunAt.values()].some((begun) => now - begun < PATIENCE_MS - 1)) hasty += 1;
      begunAt.set(requestId, now);
    })
    .on('commandSucceeded', ({ requestId }) => begunAt.delete(requestId));
  return () => hasty;
}

describeWith('redis-server', '400 requests to four servers for an event that is sold out', (path) => {
  let redis: RedisProcess;
  beforeAll(async () => {
    redis = await RedisProcess.start(path);
  });
  afterAll(() => redis.kill());

  it('are refused by its owner, which reads once for many of them, and write nothing', async () => {
    const options = { config: { redisUrl: redis.url }, uri: watchedUri() };
    const servers = [await startApp(options)];
    for (let more = 0; more < 3; more++) servers.push(await startApp(options));
    try {
      await until('they know each other', async () => {
        const known = await Promise.all(servers.map(({ api }) => metricOf(api, 'peer_servers')));
        return known.every((count) => count === 4);
      });
      const event = await servers[0]!.api.createEvent({ totalTickets: 1 });
      await servers[0]!.api.bookUntilAnswered(event._id);
      const storm = async () => {
        const sent = servers.map(watchCommands);
        const hasty = servers.map(countHastyReads);
        const ask = (index: number) => servers[index % 4]!.api.bookUntilAnswered(event._id, { userId: `user${index}` });
        const codes = (await Promise.all(times(400, ask))).map(({ body }) => body.code as string);
        return { sent, hasty, codes };
      };
      let { sent, hasty, codes } = await storm();
      // A server that is too busy to answer another in time is asked about again, and that writes.
      for (let tries = 1; tries < TRIES_MAX && codes.includes('outcome_unknown'); tries++) {
        ({ sent, hasty, codes } = await storm());
      }
      expect(codes).toEqual(Array(400).fill('sold_out'));
      expect(sent.filter((commands) => commands.length > 0)).toHaveLength(1);
      expect(new Set(sent.flat())).toEqual(new Set(['find events']));
      expect(sent.flat().length).toBeLessThan(400 / 2);
      expect(hasty.map((count) => count())).toEqual([0, 0, 0, 0]);
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  });
});
