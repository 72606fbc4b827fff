import type { Clock } from '../../common/clock.js';
import type { Peers, PeersMetrics, ServersSecretRepository } from '../peers/index.js';
import type { RedisServer } from './redis-server.js';

/** The servers that meet at this Redis. Loads what talks to it. */
export async function createRedisPeers(
  redis: RedisServer,
  secrets: ServersSecretRepository,
  clock: Clock,
  metrics: PeersMetrics,
): Promise<Peers> {
  const { RedisPeers } = await import('./redis-peers.js');
  return new RedisPeers(redis, secrets, clock, metrics);
}
