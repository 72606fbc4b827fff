import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';

/** What the recounts in the background find, for Prometheus. */
@Injectable()
export class IntegrityMetrics {
  private readonly recounts: Counter<'result'>;
  private readonly unbalanced = new Set<string>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.recounts = new Counter({
      name: 'integrity_recounts_total',
      help: 'Events that were recounted in the background, by what was found: balanced, unbalanced, or failed where it could not be.',
      labelNames: ['result'],
      registers,
    });
    // From the start: a rate can't be told of what appears with its first burst.
    for (const result of ['balanced', 'unbalanced', 'failed']) this.recounts.inc({ result }, 0);
    const count = () => this.unbalanced.size;
    new Gauge({
      name: 'integrity_unbalanced_events',
      aggregator: 'max',
      help: 'Events whose books did not balance when they were last recounted.',
      registers,
      collect() {
        this.set(count());
      },
    });
  }

  recounted(eventId: string, isBalanced: boolean): void {
    this.recounts.inc({ result: isBalanced ? 'balanced' : 'unbalanced' });
    if (isBalanced) this.unbalanced.delete(eventId);
    else this.unbalanced.add(eventId);
  }

  failed(): void {
    this.recounts.inc({ result: 'failed' });
  }
}
