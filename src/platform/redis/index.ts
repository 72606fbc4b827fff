import type { Clock } from '../../common/clock.js';
import type { Log } from '../logging/index.js';
import type { Peers, PeersMetrics, ServersSecretRepository } from '../peers/index.js';
import type { RedisMetrics } from './redis.metrics.js';

export { redisConfig } from './redis.config.js';
export { RedisMetrics } from './redis.metrics.js';

/** The servers that meet at the Redis of this URL. */
export async function createRedisPeers(
  url: string,
  secrets: ServersSecretRepository,
  clock: Clock,
  metrics: PeersMetrics,
  redisMetrics: RedisMetrics,
  log: Log,
): Promise<Peers> {
  // Most servers do without, and start sooner.
  const [{ RedisServer }, { RedisPeers }] = await Promise.all([
    import('./redis-server.js'),
    import('./redis-peers.js'),
  ]);
  return new RedisPeers(new RedisServer(url, log, redisMetrics), () => secrets.read(), clock, metrics);
}
