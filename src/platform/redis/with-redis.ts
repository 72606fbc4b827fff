import { Registry } from 'prom-client';
import type { Clock } from '../../common/clock.js';
import type { Log } from '../logging/index.js';
import { RedisMetrics } from './redis.metrics.js';
import type { RedisServer } from './redis-server.js';

const SILENT: Pick<Log, 'info' | 'warn'> = { info: () => undefined, warn: () => undefined };

/** Runs a command's `work` with the Redis of servers that have this secret. Returns what it returns; the connection is closed then. */
export async function withRedis<Result>(
  url: string,
  secret: string,
  clock: Clock,
  work: (redis: RedisServer) => Promise<Result>,
): Promise<Result> {
  const { RedisServer } = await import('./redis-server.js');
  const redis = new RedisServer(url, clock, SILENT as Log, new RedisMetrics(new Registry()));
  try {
    await redis.open(secret);
    return await work(redis);
  } finally {
    redis.onApplicationShutdown();
  }
}
