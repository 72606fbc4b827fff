import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { VERBS } from '../../common/http/verbs.js';

/** The pages that may read answers in a browser, by their origins. */
export interface CorsOptions {
  readonly origins: '*' | readonly string[];
}

const EXPOSED_HEADERS = [
  'ETag',
  'Event-Revision',
  'Location',
  'Link',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'Idempotent-Replayed',
  'X-Request-Id',
].join(', ');

/** How long a browser may cache a preflight: no browser keeps it for more than a day. */
const PREFLIGHT_SECONDS = 86_400;

const EXPOSED = { 'access-control-expose-headers': EXPOSED_HEADERS };
const FOR_ALL = { ...EXPOSED, 'access-control-allow-origin': '*' };

/** The headers without which a page of the origin could not read an answer. */
export function corsHeaders({ origins }: CorsOptions, origin: string | undefined): Record<string, string> {
  if (origins === '*') return FOR_ALL;
  const isAllowed = origin !== undefined && origins.includes(origin);
  return { ...EXPOSED, vary: 'Origin', ...(isAllowed && { 'access-control-allow-origin': origin }) };
}

/** Answers preflights. In a scope of its own: its hook would cost every other request as well. */
export function answerPreflights(server: FastifyInstance, { origins }: CorsOptions): void {
  void server.register(async (scope) => {
    await scope.register(cors, {
      origin: origins === '*' ? '*' : [...origins],
      methods: [...VERBS.keys()],
      exposedHeaders: EXPOSED_HEADERS,
      maxAge: PREFLIGHT_SECONDS,
      strictPreflight: false,
    });
  });
}
