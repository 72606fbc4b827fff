import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';

/** How this server stands with Redis, for Prometheus. */
@Injectable()
export class RedisMetrics {
  private readonly away: Gauge;

  constructor(registry: Registry) {
    this.away = new Gauge({
      name: 'redis_away',
      help: '1 while REDIS_URL is set and Redis cannot be reached.',
      aggregator: 'max',
      registers: [registry],
    });
  }

  showAway(isAway: boolean): void {
    this.away.set(isAway ? 1 : 0);
  }
}
