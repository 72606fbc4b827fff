import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Alone, Peers, PeersMetrics, ServersSecretRepository } from '../platform/peers/index.js';
import { REDIS, RedisPeers, type RedisServer } from '../platform/redis/index.js';
import { type Worker, WorkerPeers } from '../platform/workers/index.js';

/** How the servers know each other: by Redis, or as workers of one primary, or not at all. */
@Global()
@Module({})
export class PeersModule {
  static forRoot(worker: Worker | undefined): DynamicModule {
    const create = (
      redis: RedisServer | undefined,
      secrets: ServersSecretRepository,
      clock: Clock,
      metrics: PeersMetrics,
    ): Peers => {
      if (redis) return new RedisPeers(redis, secrets, clock, metrics);
      return worker ? new WorkerPeers(worker, clock, metrics) : new Alone();
    };
    return {
      module: PeersModule,
      providers: [
        PeersMetrics,
        ServersSecretRepository,
        { provide: Peers, inject: [REDIS, ServersSecretRepository, Clock, PeersMetrics], useFactory: create },
      ],
      exports: [Peers, ServersSecretRepository],
    };
  }
}
