import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';

/** How holds go, for Prometheus. Their commands are counted with all others, by kind. */
@Injectable()
export class HoldsMetrics {
  private readonly oldest: Gauge;

  constructor(registry: Registry) {
    this.oldest = new Gauge({
      name: 'holds_oldest_overdue_seconds',
      help: 'For how long the hold that should have ended first is overdue; 0 where none is, and on servers without the pulse.',
      registers: [registry],
    });
    this.oldest.set(0);
  }

  /** Shows for how many milliseconds the oldest hold that is due has been due. */
  oldestIsOverdueBy(milliseconds: number): void {
    this.oldest.set(milliseconds / 1_000);
  }
}
