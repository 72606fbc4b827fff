import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from './app.module.js';
import { inputPipe } from '../common/http/input.pipe.js';
import { ProblemFilter } from '../common/http/problem.filter.js';
import { VERBS } from '../common/http/verbs.js';
import { toDatabaseProblem, toRefusal } from '../platform/database/index.js';
import { HttpMetrics, prepareServer, Shutdown, useSecurityHeaders } from '../platform/http/index.js';
import { Overload } from '../platform/overload/index.js';
import type { Log } from '../platform/logging/index.js';
import { DOCS_PATH, serveDocs } from './openapi.js';

const EXPOSED_HEADERS = [
  'ETag',
  'Location',
  'Link',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'Idempotent-Replayed',
  'X-Request-Id',
].join(', ');

/** For how long a browser need not ask again whether a page may call: no browser keeps it for longer than a day. */
const PREFLIGHT_SECONDS = 86_400;

/** The members of requests that the shop fills as it likes. */
const FREE_FORM = ['#/metadata'];

/** What every request and every answer has in common, in production as in every e2e test. */
export function configureApp(app: NestFastifyApplication, config: Config, log: Log): void {
  const server = app.getHttpAdapter().getInstance();
  const { basePath } = config;
  app.setGlobalPrefix(basePath);
  prepareServer(server, { basePath, log, metrics: app.get(HttpMetrics), times: app.get(Shutdown).times });
  useSecurityHeaders(app, basePath + DOCS_PATH);
  app.enableCors({
    origin: config.corsOrigins === '*' ? '*' : [...config.corsOrigins],
    methods: [...VERBS.keys()],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  });
  app.get(Overload).guard(app.getHttpServer(), basePath, {
    origins: config.corsOrigins,
    exposedHeaders: EXPOSED_HEADERS,
  });
  app.useGlobalPipes(inputPipe(FREE_FORM));
  app.useGlobalFilters(
    new ProblemFilter([toDatabaseProblem], (error, requestId) =>
      // What MongoDB says itself of a refusal may hold a user's id.
      log.error({ err: toRefusal(error) ?? error, requestId }, 'request failed'),
    ),
  );
  serveDocs(app, basePath);
}
