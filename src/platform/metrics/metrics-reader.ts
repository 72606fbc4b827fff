import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';

/** What is shown to whoever asks for metrics. */
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
