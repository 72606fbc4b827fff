import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from './app.module.js';
import { inputPipe } from '../common/http/input.pipe.js';
import { ProblemFilter } from '../common/http/problem.filter.js';
import { toDatabaseProblem, toRefusal } from '../platform/database/index.js';
import { HttpMetrics, prepareServer, Shutdown } from '../platform/http/index.js';
import { Overload } from '../platform/overload/index.js';
import type { Log } from '../platform/logging/index.js';
import { Tracing } from '../platform/tracing/index.js';
import { DOCS_PATH, serveDocs } from './openapi.js';

/** The members of requests that the shop fills as it likes. */
const FREE_FORM = ['#/metadata'];

/** What every request and every answer has in common, in production as in every e2e test. */
export function configureApp(app: NestFastifyApplication, config: Config, log: Log): void {
  const server = app.getHttpAdapter().getInstance();
  const { basePath } = config;
  app.setGlobalPrefix(basePath);
  const cors = { origins: config.corsOrigins };
  prepareServer(server, {
    basePath,
    docsPath: basePath + DOCS_PATH,
    cors,
    log,
    metrics: app.get(HttpMetrics),
    tracing: app.get(Tracing),
    times: app.get(Shutdown).times,
  });
  app.get(Overload).guard(app.getHttpServer(), basePath, cors);
  app.useGlobalPipes(inputPipe(FREE_FORM));
  app.useGlobalFilters(
    new ProblemFilter([toDatabaseProblem], (error, { id: requestId, span }) =>
      // What MongoDB says itself of a refusal may hold a user's id.
      log.error({ err: toRefusal(error) ?? error, requestId, ...span?.ids }, 'request failed'),
    ),
  );
  serveDocs(app, basePath);
}
