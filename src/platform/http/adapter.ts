import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { NestApplicationOptions } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestIdOf } from '../../common/http/request-id.js';
import { byStatus, toProblem } from '../../common/http/to-problem.js';
import { sendProblem } from '../../common/http/problem.filter.js';
import type { HttpConfig } from './http.config.js';

const BODY_LIMIT_BYTES = 16 * 1024;
/** As long as a request line can be: an id that is too long is an invalid id like any other. */
const MAX_PARAM_LENGTH = 16 * 1024;
const REQUEST_TIMEOUT_MS = 15_000;
const HEADERS_TIMEOUT_MS = 10_000;
const TIMEOUTS_CHECKED_EVERY_MS = 1_000;
/** Of a connection with a request under way: who takes no answer is not waited for. */
const SILENCE_MS = 60_000;

const STATUS_BY_PARSER_ERROR: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Two routes that could answer the same request are an error. `main.ts` reports a failed start. */
export const NEST_OPTIONS = {
  routeConflictPolicy: { duplicate: 'error', shadow: 'error' },
  abortOnError: false,
  bodyParser: false,
} as const satisfies NestApplicationOptions;

/** Fastify with a limit on everything, answering in the one error shape even where Nest's filters are not reached. */
export function createHttpAdapter({ basePath, trustProxy, keepAliveSeconds }: HttpConfig): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: toTrust(trustProxy),
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: SILENCE_MS,
    keepAliveTimeout: keepAliveSeconds * 1_000,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: TIMEOUTS_CHECKED_EVERY_MS },
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // A proxy may send a browser to the prefix with a slash: that is the top of the API, too.
    ...(basePath !== '' && { rewriteUrl: ({ url = '' }) => (url === `${basePath}/` ? basePath : url) }),
    genReqId: requestIdOf,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(toProblem(error), request, reply),
    clientErrorHandler: answerParserError,
  });
}

/** The proxies whose `X-Forwarded-For` is trusted: by address, or the last n. */
function toTrust(trustProxy: HttpConfig['trustProxy']): string[] | ((address: string, hop: number) => boolean) | false {
  if (typeof trustProxy !== 'number') return [...trustProxy];
  return trustProxy > 0 && ((_address, hop) => hop < trustProxy);
}

/** Bytes that are not HTTP never become a request, so this answers on the bare socket. */
function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // Behind an answer that is still being written it would be taken for a part of that.
  if ((socket as { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent)
    return void socket.destroy(error);
  const problem = byStatus(STATUS_BY_PARSER_ERROR[error.code ?? ''] ?? 400);
  const id = randomUUID();
  const body = JSON.stringify(problem.toBody('', id));
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: application/problem+json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${id}\r\n` +
        `Cache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
}
