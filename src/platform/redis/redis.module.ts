import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import type { ConfigOf } from '../config/index.js';
import { LOG, type Log } from '../logging/index.js';
import type { redisConfig } from './redis.config.js';
import { RedisMetrics } from './redis.metrics.js';
import type { RedisServer } from './redis-server.js';

/** The Redis at which servers meet; undefined without one. */
export const REDIS = Symbol('REDIS');

@Global()
@Module({})
export class RedisModule {
  static forRoot({ redisUrl }: ConfigOf<typeof redisConfig>): DynamicModule {
    const create = async (clock: Clock, log: Log, metrics: RedisMetrics): Promise<RedisServer | undefined> => {
      if (redisUrl === undefined) return undefined;
      // Most servers do without, and start sooner.
      const { RedisServer } = await import('./redis-server.js');
      return new RedisServer(redisUrl, clock, log, metrics);
    };
    return {
      module: RedisModule,
      providers: [RedisMetrics, { provide: REDIS, inject: [Clock, LOG, RedisMetrics], useFactory: create }],
      exports: [REDIS],
    };
  }
}
