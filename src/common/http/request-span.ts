import type { Span } from '../trace.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined where nothing is traced, and before the request has passed the first hook. */
    span?: Span;
  }
}
