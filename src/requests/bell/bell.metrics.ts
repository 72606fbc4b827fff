import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';

/** How this server stands with its broker, for Prometheus. */
@Injectable()
export class BellMetrics {
  private readonly away: Gauge;
  private readonly calls: Counter<'way'>;
  private readonly malformed: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.away = new Gauge({
      name: 'broker_away',
      help: '1 while AMQP_URL or SQS_QUEUE_URL is set and the broker takes no messages.',
      aggregator: 'max',
      registers,
    });
    this.calls = new Counter({
      name: 'broker_calls_total',
      help: 'Calls to decide what is queued, by their way: by the broker, or to this server itself while the broker was away.',
      labelNames: ['way'],
      registers,
    });
    this.malformed = new Counter({
      name: 'broker_malformed_total',
      help: 'Messages of the broker that no server has sent: they are dropped.',
      registers,
    });
    for (const way of ['broker', 'self'] as const) this.calls.inc({ way }, 0);
  }

  showAway(isAway: boolean): void {
    this.away.set(isAway ? 1 : 0);
  }

  count(way: 'broker' | 'self'): void {
    this.calls.inc({ way });
  }

  countMalformed(): void {
    this.malformed.inc();
  }
}
