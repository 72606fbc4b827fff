import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { changesOf, type Plan, type PlanListener, REQUEST_STATUSES } from '../bookings/index.js';
import { seriesOf } from '../platform/metrics/index.js';
import { REQUESTS } from './request.js';

interface Shown {
  /** How many requests wait. */
  readonly queued: number;
  /** How long the one has waited that came first. */
  readonly oldestMs: number;
  readonly failed: number;
}

/** How queues go, for Prometheus. */
@Injectable()
export class RequestsMetrics implements PlanListener {
  private readonly outcomes;
  private readonly queued: Gauge;
  private readonly oldest: Gauge;
  private readonly failed: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.outcomes = seriesOf(
      new Counter({
        name: 'requests_total',
        help: 'Requests of queues by what became of them: queued; done, refused or failed.',
        labelNames: ['outcome'],
        registers,
      }),
    );
    for (const status of REQUEST_STATUSES) this.outcomes(status).inc(0);
    const where = '; 0 on all servers but the one that looks.';
    this.queued = new Gauge({ name: 'requests_queued', help: `Requests that wait in queues${where}`, registers });
    this.oldest = new Gauge({
      name: 'requests_oldest_wait_seconds',
      help: `How long the request has waited that came first${where}`,
      registers,
    });
    this.failed = new Gauge({
      name: 'requests_failed',
      help: `Requests that can't be carried out, until somebody retries or drops them${where}`,
      registers,
    });
    this.show({ queued: 0, oldestMs: 0, failed: 0 });
  }

  show({ queued, oldestMs, failed }: Shown): void {
    this.queued.set(queued);
    this.oldest.set(oldestMs / 1_000);
    this.failed.set(failed);
  }

  whenCommitted(plan: Plan): void {
    const { inserted, updated } = changesOf(plan, REQUESTS);
    for (const _ of inserted) this.outcomes('queued').inc();
    for (const { before, after } of updated) {
      if (before.status !== after.status) this.outcomes(after.status).inc();
    }
  }
}
