import type { Socket } from 'node:net';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { refuseOtherMethods } from './allowed-methods.js';
import { setAnswerHeaders } from './answer-headers.js';
import { answerPreflights, type CorsOptions } from './cors.js';
import type { HttpMetrics } from './http.metrics.js';
import { parseJsonOnly } from './json-body.js';
import type { ShutdownTimes } from './shutdown.js';
import type { Log } from '../logging/index.js';
import type { Tracing } from '../tracing/index.js';
import { traceRequests } from './request-traces.js';
import { routeOf } from './route-of.js';

/** A request that was sent before the shutdown began may still be on its way: closing at once would reset it. */
const ARRIVAL_GRACE_MS = 250;

/** Lets a route take a larger body than the others. */
export const BodyLimit = (bodyLimit: number) => RouteConfig({ bodyLimit });

interface ServerOptions {
  /** What every path begins with; empty at the top of the host. */
  readonly basePath: string;
  /** Where the pages are; everything else is for programs. */
  readonly docsPath: string;
  readonly cors: CorsOptions;
  readonly log: Log;
  readonly metrics: HttpMetrics;
  readonly tracing: Tracing;
  readonly times: ShutdownTimes;
}

/** What every request passes before Nest sees it. Has to run before the routes are registered. */
export function prepareServer(server: FastifyInstance, options: ServerOptions): void {
  const { basePath, docsPath, cors, log, metrics, tracing, times } = options;
  if (tracing.isOn) traceRequests(server, basePath, tracing);
  parseJsonOnly(server);
  server.addHook('onRoute', (route) => {
    const limit = (route.config as { bodyLimit?: number } | undefined)?.bodyLimit;
    if (limit !== undefined) route.bodyLimit = limit;
  });
  setAnswerHeaders(server, cors, docsPath);
  answerPreflights(server, cors);
  refuseOtherMethods(server);
  if (basePath !== '') prefixLinks(server, basePath);
  observeAnswers(server, basePath, log, metrics);
  drainOnClose(server, times);
}

/** Routes name each other as the contract does, without the prefix. */
function prefixLinks(server: FastifyInstance, basePath: string): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    const [location, link] = [reply.getHeader('Location'), reply.getHeader('Link')];
    if (typeof location === 'string') reply.header('Location', location.replace(/^\//, `${basePath}/`));
    if (typeof link === 'string') reply.header('Link', link.replace(/^<\//, `<${basePath}/`));
    done(null, payload);
  });
}

function observeAnswers(server: FastifyInstance, basePath: string, log: Log, metrics: HttpMetrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const { statusCode: status, elapsedTime } = reply;
    const route = routeOf(request, basePath);
    metrics.observe(method, route, status, elapsedTime / 1_000);
    const line: Record<string, unknown> = {
      requestId: request.id,
      method,
      route,
      status,
      ms: Math.round(elapsedTime * 10) / 10,
    };
    // Not spread into the line, which would cost every other one.
    if (request.span) Object.assign(line, request.span.ids);
    if (status >= 500) log.warn(line, 'request');
    else log.info(line, 'request');
    done();
  });
}

/** On shutdown the answers in flight say that the connection ends; what takes longer than the limit is cut off. */
function drainOnClose(server: FastifyInstance, { drainMs }: ShutdownTimes): void {
  let isClosing = false;
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.addHook('preClose', (done) => {
    isClosing = true;
    setTimeout(() => server.server.closeAllConnections(), drainMs).unref();
    setTimeout(() => {
      // One that was opened in advance and never used is not idle in Node's eyes: it would be waited for.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      done();
    }, ARRIVAL_GRACE_MS);
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('Connection', 'close');
    done(null, payload);
  });
}
