import { Injectable } from '@nestjs/common';
import { Histogram, Registry } from 'prom-client';
import { VERBS } from '../../common/http/verbs.js';
import { seriesOf } from '../metrics/index.js';

const METHODS = new Set([...VERBS.keys(), 'OPTIONS']);

/** What callers see of the server, for Prometheus. */
@Injectable()
export class HttpMetrics {
  private readonly secondsOf;

  constructor(registry: Registry) {
    this.secondsOf = seriesOf(
      new Histogram({
        name: 'http_request_duration_seconds',
        help: "From a request's arrival to the end of its answer.",
        labelNames: ['method', 'route', 'status'],
        buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
        registers: [registry],
      }),
    );
  }

  /** Counts an answer of the route with this template. */
  observe(method: string, route: string, status: number, seconds: number): void {
    this.secondsOf(METHODS.has(method) ? method : 'other', route, String(status)).observe(seconds);
  }
}
