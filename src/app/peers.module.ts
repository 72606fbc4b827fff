import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import type { ConfigOf } from '../platform/config/index.js';
import { LOG, type Log } from '../platform/logging/index.js';
import { Alone, Peers, PeersMetrics, ServersSecretRepository } from '../platform/peers/index.js';
import { createRedisPeers, type redisConfig, RedisMetrics } from '../platform/redis/index.js';
import { type Worker, WorkerPeers } from '../platform/workers/index.js';

/** How the servers know each other: by Redis, or as workers of one primary, or not at all. */
@Global()
@Module({})
export class PeersModule {
  static forRoot({ redisUrl }: ConfigOf<typeof redisConfig>, worker: Worker | undefined): DynamicModule {
    const create = (
      secrets: ServersSecretRepository,
      clock: Clock,
      metrics: PeersMetrics,
      redisMetrics: RedisMetrics,
      log: Log,
    ): Peers | Promise<Peers> => {
      if (redisUrl !== undefined) return createRedisPeers(redisUrl, secrets, clock, metrics, redisMetrics, log);
      return worker ? new WorkerPeers(worker, clock, metrics) : new Alone();
    };
    return {
      module: PeersModule,
      providers: [
        PeersMetrics,
        RedisMetrics,
        ServersSecretRepository,
        {
          provide: Peers,
          inject: [ServersSecretRepository, Clock, PeersMetrics, RedisMetrics, LOG],
          useFactory: create,
        },
      ],
      exports: [Peers],
    };
  }
}
