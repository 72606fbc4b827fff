import { HttpException } from '@nestjs/common';
import { Problem } from '../problem.js';

/** Recognises the errors of one technology; undefined for those of another. */
export type ProblemTranslator = (error: unknown) => Problem | undefined;

interface FastifyError {
  readonly code: string;
  readonly statusCode: number;
}

/** The problem that tells the caller about `error`; a 500 without any detail when nothing here knows it. */
export function toProblem(error: unknown, translators: readonly ProblemTranslator[] = []): Problem {
  if (error instanceof Problem) return error;
  for (const translate of translators) {
    const problem = translate(error);
    if (problem) return problem;
  }
  if (error instanceof HttpException) return byStatus(error.getStatus());
  if (isFastifyError(error)) return byStatus(error.statusCode);
  return byStatus(500);
}

function isFastifyError(error: unknown): error is FastifyError {
  return typeof error === 'object' && error !== null && 'statusCode' in error && 'code' in error;
}

/** What is said where only the status is known: the errors of Nest, Fastify and Node's HTTP parser. */
const BY_STATUS = {
  400: { code: 'malformed_request', title: 'Malformed request', message: 'The request could not be understood' },
  404: { code: 'route_not_found', title: 'No such route', message: 'There is no such route' },
  405: { code: 'method_not_allowed', title: 'Method not allowed', message: 'This route does not take that method' },
  408: { code: 'request_timeout', title: 'Request timeout', message: 'The request took too long to arrive' },
  413: { code: 'body_too_large', title: 'Body too large', message: 'The request body is too large' },
  414: { code: 'uri_too_long', title: 'URI too long', message: 'A part of the URL is too long' },
  415: {
    code: 'unsupported_media_type',
    title: 'Unsupported media type',
    message: 'The request body must be application/json',
  },
  431: { code: 'headers_too_large', title: 'Headers too large', message: 'The request headers are too large' },
  500: { code: 'internal_error', title: 'Internal error', message: 'Something went wrong on our side' },
} as const satisfies Record<number, { code: string; title: string; message: string }>;

/** The problem of a status, with a `message` that says more where there is one. */
export function byStatus(status: number, message?: string): Problem {
  const fallback = status >= 500 ? 500 : 400;
  const known = isKnown(status) ? status : fallback;
  return new Problem({ status: known, ...BY_STATUS[known], ...(message !== undefined && { message }) });
}

function isKnown(status: number): status is keyof typeof BY_STATUS {
  return Object.hasOwn(BY_STATUS, status);
}
