import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

/** Requests refused by rate limits, for Prometheus. */
@Injectable()
export class RateLimitMetrics {
  private readonly limited: Counter<'policy'>;

  constructor(registry: Registry) {
    this.limited = new Counter({
      name: 'rate_limited_requests_total',
      help: 'Requests that were turned away because a budget was used up, by budget.',
      labelNames: ['policy'],
      registers: [registry],
    });
  }

  countLimited(policy: string): void {
    this.limited.inc({ policy });
  }
}
