import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Plan, PlanListener } from '../bookings/index.js';
import { seriesOf } from '../platform/metrics/index.js';
import { HOLD_OUTCOMES, outcomesIn } from './hold-outcomes.js';

/** What the pulse sees: it looks only on the server that has the lease. */
export interface Seen {
  /** For how many milliseconds the oldest hold that is due has been due. */
  readonly oldestOverdueMs: number;
  readonly refundsDue: number;
}

/** How holds go, for Prometheus. Their commands are counted with all others, by kind. */
@Injectable()
export class HoldsMetrics implements PlanListener {
  private readonly outcomes;
  private readonly oldest: Gauge;
  private readonly refunds: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.outcomes = seriesOf(
      new Counter({
        name: 'holds_total',
        help: 'Holds by what became of them: created, confirmed, confirmed_late, released, expired.',
        labelNames: ['outcome'],
        registers,
      }),
    );
    for (const outcome of HOLD_OUTCOMES) this.outcomes(outcome).inc(0);
    this.oldest = new Gauge({
      name: 'holds_oldest_overdue_seconds',
      aggregator: 'max',
      help: 'For how long the hold that should have ended first is overdue; 0 where none is, and on servers without the pulse.',
      registers,
    });
    this.refunds = new Gauge({
      name: 'holds_refunds_due',
      help: 'Holds with a payment that has to be given back; 1,000 stands for more, and 0 for servers without the pulse.',
      registers,
    });
    this.show({ oldestOverdueMs: 0, refundsDue: 0 });
  }

  whenCommitted(plan: Plan): void {
    for (const outcome of outcomesIn(plan)) this.outcomes(outcome).inc();
  }

  show({ oldestOverdueMs, refundsDue }: Seen): void {
    this.oldest.set(oldestOverdueMs / 1_000);
    this.refunds.set(refundsDue);
  }
}
