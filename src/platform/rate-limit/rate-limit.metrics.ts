import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { Clock } from '../../common/clock.js';
import { RecentCount } from '../../common/recent.js';

/** Requests refused by rate limits, for Prometheus. */
@Injectable()
export class RateLimitMetrics {
  private readonly limited: Counter<'policy'>;
  private readonly fallbacks: Counter;
  private readonly recent: RecentCount;

  constructor(registry: Registry, clock: Clock) {
    this.recent = new RecentCount(clock);
    this.limited = new Counter({
      name: 'rate_limited_requests_total',
      help: 'Requests that were turned away because a budget was used up, by budget.',
      labelNames: ['policy'],
      registers: [registry],
    });
    this.fallbacks = new Counter({
      name: 'rate_limit_fallbacks_total',
      help: 'Requests that were counted by this process alone, because Redis was away.',
      registers: [registry],
    });
  }

  countFallback(): void {
    this.fallbacks.inc();
  }

  /** Shows a budget from the start: a rate can't be told of what appears with its first burst. */
  showPolicy(policy: string): void {
    this.limited.inc({ policy }, 0);
  }

  /** Counts a request that exceeded these budgets. */
  countLimited(policies: readonly string[]): void {
    for (const policy of policies) this.limited.inc({ policy });
    this.recent.add();
  }

  /** How many requests were refused in the last seconds. */
  get recentlyLimited(): number {
    return this.recent.total;
  }
}
