import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Clock } from '../common/clock.js';
import { withTimeout } from '../common/concurrency/with-timeout.js';
import { databaseUnavailable } from '../platform/database/index.js';
import { EventsRepository } from './events.repository.js';

const COUNT_TIMEOUT_MS = 1_000;

/** What is on sale, for Prometheus. */
@Injectable()
export class EventsMetrics {
  private readonly committedReads: Counter;

  constructor(registry: Registry, events: EventsRepository, clock: Clock) {
    const registers = [registry];
    this.committedReads = new Counter({
      name: 'event_committed_reads_total',
      help: 'Majority reads that refusals and event pages rest on: all who ask at once share one.',
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
}
