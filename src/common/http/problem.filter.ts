import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../problem.js';
import { PROBLEM_CODE } from '../trace.js';
import './request-span.js';
import { pathOf } from './path.js';
import { type ProblemTranslator, toProblem } from './to-problem.js';

/** Called with every error of ours that is no problem yet, before the caller learns of it. */
export type ErrorReport = (error: unknown, request: FastifyRequest) => void;

/** The one place where an error becomes a response. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly translators: readonly ProblemTranslator[],
    private readonly report: ErrorReport,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(error, this.translators);
    if (problem !== error && problem.status >= 500) this.report(error, request);
    if (reply.sent) return;
    sendProblem(problem, request, reply);
  }
}

/** Answers with `problem`. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  if (problem.retryAfterSeconds !== undefined) reply.header('Retry-After', String(problem.retryAfterSeconds));
  const path = pathOf(request.url);
  const { id, span } = request;
  span?.set({ [PROBLEM_CODE]: problem.code });
  reply
    .status(problem.status)
    .header('X-Request-Id', id)
    .header('Cache-Control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problem.toBody(path, id, span?.ids.traceId)));
}
