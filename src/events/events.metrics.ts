import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Clock } from '../common/clock.js';
import { withTimeout } from '../common/concurrency/with-timeout.js';
import { databaseUnavailable } from '../platform/database/index.js';
import { EventsRepository } from './events.repository.js';

const COUNT_TIMEOUT_MS = 1_000;

/** What is on sale, for Prometheus. */
@Injectable()
export class EventsMetrics {
  private readonly committedReads: Counter;
  private readonly cacheLookups: Counter<'result'>;
  private readonly cacheAge: Histogram;

  constructor(registry: Registry, events: EventsRepository, clock: Clock) {
    const registers = [registry];
    this.committedReads = new Counter({
      name: 'event_committed_reads_total',
      help: 'Majority reads that refusals and event pages rest on: all who ask at once share one.',
      registers,
    });
    this.cacheLookups = new Counter({
      name: 'event_cache_lookups_total',
      help: 'Lookups of events in Redis: hit, miss, or failed (Redis is away). 0 where REDIS_URL is not set.',
      labelNames: ['result'],
      registers,
    });
    // From the start: a rate can't be told of what appears with its first burst.
    for (const result of ['hit', 'miss', 'failed']) this.cacheLookups.inc({ result }, 0);
    this.cacheAge = new Histogram({
      name: 'event_cache_age_seconds',
      help: 'How long ago the events were read that were found in Redis.',
      buckets: [0.05, 0.1, 0.2, 0.3, 0.5],
      registers,
    });
    new Gauge({
      name: 'events_on_sale',
      aggregator: 'max',
      help: 'Events on sale that have tickets left; 1,000 stands for more.',
      registers,
      async collect() {
        const count = withTimeout(clock, COUNT_TIMEOUT_MS, events.countOnSale(), databaseUnavailable);
        this.set(await count.catch(() => Number.NaN));
      },
    });
  }

  countCommittedRead(): void {
    this.committedReads.inc();
  }

  /** `ageMs`: of what was found. */
  countCacheLookup(result: 'hit' | 'miss' | 'failed', ageMs?: number): void {
    this.cacheLookups.inc({ result });
    if (ageMs !== undefined) this.cacheAge.observe(ageMs / 1_000);
  }
}
