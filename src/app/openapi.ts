import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERBS } from '../common/http/verbs.js';
import { fillInExampleIds, rememberRequest } from './docs-examples.js';
import { forGenerators } from './for-generators.js';

export const DOCS_PATH = '/docs';

const DESCRIPTION = `
Sells each ticket exactly once. For every event and each of its sections, at every committed state:
**capacity = available + held + sold.**

Failures are problem details (RFC 9457), \`application/problem+json\`: \`code\` is for programs and never changes, \`message\` is for people.
A \`503\` is a problem on the server's side: retry after \`Retry-After\`. It never means sold out.

Try it: create an event, then book from it. The ids in the examples stand for the newest event on sale and the newest booking.
`.trim();

const REQUEST_ID_HEADER = {
  description: 'The id of this request in the log: the one that the client sent, or a new one.',
  schema: { type: 'string' as const },
};

/** Where a key is asked for, or an address is taken for one. */
const RATE_LIMIT_HEADERS = {
  RateLimit: {
    description:
      'The tightest budget of this request: how many requests are left, and after how many seconds it is full again.',
    schema: { type: 'string' as const, example: '"sell-per-key";r=599999;t=60' },
  },
  'RateLimit-Policy': {
    description: 'Every budget that counts this request: how many requests it allows in how many seconds.',
    schema: { type: 'string' as const, example: '"sell-per-key";q=600000;w=60' },
  },
};

/** The contract, as OpenAPI. Needs no database. */
function createOpenApi(app: INestApplication, basePath: string): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('Ticket booking')
    .setDescription(DESCRIPTION)
    .setVersion('0.1.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(basePath || '/', 'This server')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'An API key: `npm run -s keys -- create --scope sell`.',
    })
    .addTag('events', 'What is on sale.')
    .addTag('bookings', 'Tickets that users have.')
    .addTag('holds', 'Tickets that are kept while somebody pays.')
    .addTag('waitlist', 'Who waits for tickets that become free.')
    .addTag('requests', 'Requests that wait in the queue of an event.')
    .addTag('users', 'What is stored of a user.')
    .addTag('live', 'Availability as it changes.')
    .addTag('health', 'Probes for supervisors and load balancers.')
    .addTag('operations', 'Metrics for monitoring.')
    .build();
  const document = SwaggerModule.createDocument(app, description, { ignoreGlobalPrefix: true });
  for (const { security, responses } of operationsOf(document)) {
    for (const response of Object.values(responses) as Response[]) {
      const budget = security && RATE_LIMIT_HEADERS;
      response.headers = { ...response.headers, ...budget, 'X-Request-Id': REQUEST_ID_HEADER };
    }
  }
  return forGenerators(document);
}

export function serveDocs(app: INestApplication, basePath: string): void {
  SwaggerModule.setup(DOCS_PATH, app, () => createOpenApi(app, basePath), {
    useGlobalPrefix: true,
    jsonDocumentUrl: `${DOCS_PATH}-json`,
    customSiteTitle: 'Ticket booking API',
    raw: ['json'],
    swaggerOptions: {
      tryItOutEnabled: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      requestInterceptor: fillInExampleIds,
      responseInterceptor: rememberRequest,
    },
  });
}

interface Response {
  headers?: Record<string, unknown>;
}

function operationsOf(document: OpenAPIObject) {
  return Object.values(document.paths).flatMap((path) =>
    [...VERBS.keys()].flatMap((verb) => path[verb.toLowerCase() as 'get'] ?? []),
  );
}
