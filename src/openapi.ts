import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

export const DOCS_PATH = '/docs';

const DESCRIPTION = `
Sells each ticket exactly once. For every event and each of its sections, at every committed state:
**capacity = available + held + sold.**

Failures are problem details (RFC 9457), \`application/problem+json\`: \`code\` is for programs and never changes, \`message\` is for people.
A \`503\` with \`Retry-After\` says that it is on us; it is never a sold-out event.
`.trim();

/** The contract, as OpenAPI. Needs no database. */
export function createOpenApi(app: INestApplication): OpenAPIObject {
  const document = new DocumentBuilder()
    .setTitle('Ticket booking')
    .setDescription(DESCRIPTION)
    .setVersion('0.1.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addTag('events', 'What is sold.')
    .addTag('bookings', 'Who has bought.')
    .addTag('health', 'Whether the service runs.')
    .build();
  return SwaggerModule.createDocument(app, document);
}

export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => createOpenApi(app), {
    jsonDocumentUrl: `${DOCS_PATH}-json`,
    customSiteTitle: 'Ticket booking API',
    raw: ['json'],
    swaggerOptions: { tryItOutEnabled: true, displayRequestDuration: true, defaultModelsExpandDepth: 0 },
  });
}
