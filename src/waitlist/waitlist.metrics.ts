import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { changesOf, type Plan, type PlanListener } from '../bookings/index.js';
import { seriesOf } from '../platform/metrics/index.js';
import { ENTRIES } from './entry.js';

const OUTCOMES = ['joined', 'offered', 'accepted', 'left', 'declined', 'expired'] as const;

/** How waitlists go, for Prometheus. */
@Injectable()
export class WaitlistMetrics implements PlanListener {
  private readonly outcomes;
  private readonly waiting: Gauge;

  constructor(registry: Registry) {
    this.outcomes = seriesOf(
      new Counter({
        name: 'waitlist_entries_total',
        help:
          'Waitlist entries by what became of them: joined, offered, accepted; left while they waited; ' +
          'declined or expired with their offer.',
        labelNames: ['outcome'],
        registers: [registry],
      }),
    );
    for (const outcome of OUTCOMES) this.outcomes(outcome).inc(0);
    this.waiting = new Gauge({
      name: 'waitlist_waiting',
      help: 'Waitlist entries that wait for tickets of events that may still sell; 0 on all servers but the one that counts them.',
      registers: [registry],
    });
    this.show(0);
  }

  show(waiting: number): void {
    this.waiting.set(waiting);
  }

  whenCommitted(plan: Plan): void {
    const { inserted, updated } = changesOf(plan, ENTRIES);
    for (const _ of inserted) this.outcomes('joined').inc();
    for (const { before, after } of updated) {
      if (before.status === after.status || after.status === 'waiting') continue;
      this.outcomes(after.status === 'left' && before.status === 'offered' ? 'declined' : after.status).inc();
    }
  }
}
