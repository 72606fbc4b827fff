import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { REDIS, type RedisServer } from '../redis/index.js';
import { type Ledger, OwnLedger } from './ledger.js';
import { SharedLedger } from './shared-ledger.js';
import { RATE_LIMIT_CONFIG, type RateLimitConfig } from './rate-limit.config.js';
import { RateLimitMetrics } from './rate-limit.metrics.js';
import { LEDGER, RateLimitGuard } from './rate-limit.guard.js';

@Global()
@Module({})
export class RateLimitModule {
  static forRoot(config: RateLimitConfig): DynamicModule {
    return {
      module: RateLimitModule,
      providers: [
        { provide: RATE_LIMIT_CONFIG, useValue: config },
        RateLimitMetrics,
        RateLimitGuard,
        {
          provide: LEDGER,
          inject: [REDIS, RateLimitMetrics],
          useFactory: (redis: RedisServer | undefined, metrics: RateLimitMetrics): Ledger =>
            redis ? new SharedLedger(redis, new OwnLedger(), metrics) : new OwnLedger(),
        },
        { provide: APP_GUARD, useExisting: RateLimitGuard },
      ],
      exports: [RateLimitMetrics],
    };
  }
}
