import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import '../../common/http/request-span.js';
import { VERBS } from '../../common/http/verbs.js';
import type { Span } from '../../common/trace.js';
import type { NewSpan, Tracing } from '../tracing/index.js';
import { NO_ROUTE, routeOf } from './route-of.js';

/**
 * Gives each request a span, from its first hook until it is answered, or its connection is gone. Has to run before all
 * other hooks are added.
 */
export function traceRequests(server: FastifyInstance, basePath: string, tracing: Tracing): void {
  // Fastify makes room for it in all requests, so that it costs less.
  server.decorateRequest('span');
  server.addHook('onRequest', (request, reply, done) => {
    const span = tracing.serve(request.headers, () => describe(request, basePath));
    request.span = span;
    if (span.context) reply.raw.once('close', () => end(span, reply));
    done();
  });
}

/** The route's template, never the path, the query or an address: they may say who the user is. */
function describe(request: FastifyRequest, basePath: string): NewSpan {
  const isKnown = VERBS.has(request.method) || request.method === 'OPTIONS';
  const route = routeOf(request, basePath);
  const hasRoute = route !== NO_ROUTE;
  const method = isKnown ? request.method : 'HTTP';
  return {
    name: hasRoute ? `${method} ${route}` : method,
    attributes: {
      'http.request.method': isKnown ? request.method : '_OTHER',
      ...(hasRoute && { 'http.route': route }),
      'url.scheme': request.protocol,
      'network.protocol.version': request.raw.httpVersion,
    },
  };
}

function end(span: Span, { raw: { headersSent, statusCode } }: FastifyReply): void {
  // Of a client that has disconnected before, nobody knows what it would have got.
  if (!headersSent) return span.end();
  span.set({ 'http.response.status_code': statusCode });
  span.end(statusCode >= 500 ? String(statusCode) : undefined);
}
