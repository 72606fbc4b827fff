import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';

/** Where the metrics that are served come from. */
export abstract class MetricsReader {
  /** Returns them in the text format of Prometheus. */
  abstract readMetrics(): Promise<string>;
}

/** The metrics of this process. */
@Injectable()
export class OwnMetrics extends MetricsReader {
  constructor(private readonly registry: Registry) {
    super();
  }

  override readMetrics(): Promise<string> {
    return this.registry.metrics();
  }
}
