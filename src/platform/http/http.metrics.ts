import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Gauge, Histogram, Registry } from 'prom-client';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** The route's template, never the URL: a query or a body may say who the user is. */
export function routeOf(request: FastifyRequest): string {
  return request.is404 ? '(none)' : (request.routeOptions.url ?? '(none)');
}

/** What callers see of the server, for Prometheus. */
@Injectable()
export class HttpMetrics {
  private readonly seconds: Histogram<'method' | 'route' | 'status'>;
  private inFlight = 0;

  constructor(registry: Registry) {
    const registers = [registry];
    this.seconds = new Histogram({
      name: 'http_request_duration_seconds',
      help: "From a request's arrival to the end of its answer.",
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
    const inFlight = () => this.inFlight;
    new Gauge({
      name: 'http_requests_in_flight',
      help: 'Requests that have not been answered yet.',
      registers,
      collect() {
        this.set(inFlight());
      },
    });
  }

  /** Measures whatever the server answers. */
  observe(server: FastifyInstance): void {
    server.addHook('onRequest', async (_request, reply) => {
      this.inFlight += 1;
      // Whether it was answered or the client has hung up.
      reply.raw.once('close', () => (this.inFlight -= 1));
    });
    server.addHook('onResponse', async (request, reply) => {
      const method = METHODS.has(request.method) ? request.method : 'other';
      this.seconds.observe({ method, route: routeOf(request), status: reply.statusCode }, reply.elapsedTime / 1_000);
    });
  }
}
