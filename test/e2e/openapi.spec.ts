import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type ServerProcess, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

interface Media {
  readonly schema?: unknown;
  readonly example?: unknown;
  readonly examples?: Record<string, { value: Record<string, unknown> }>;
}
interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters: readonly { name: string; description?: string; in: string; schema: object }[];
  readonly requestBody?: { content: Record<string, Media> };
  readonly responses: Record<string, { description: string; headers: object; content?: Record<string, Media> }>;
}
interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly maximum?: number;
  readonly uniqueItems?: boolean;
  readonly additionalProperties?: unknown;
}
interface Document {
  readonly servers: readonly { url: string }[];
  readonly components: { readonly schemas: Record<string, Schema> };
  readonly paths: Record<string, Record<string, Operation>>;
}

describe('the contract', () => {
  const workplace = new Workplace();
  const checkedIn = JSON.parse(readFileSync('openapi.json', 'utf8')) as Document;
  const operations = Object.entries(checkedIn.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })),
  );
  let server: ServerProcess;
  beforeAll(async () => {
    server = await (await workplace.start(workplace.folder(), { MONGO_URI: freshDatabaseUri() })).ready();
  });
  afterAll(() => workplace.clear());

  it('is what openapi.json says (else run `npm run openapi`)', async () => {
    expect((await server.api.get('/docs-json')).body).toEqual(checkedIn);
  });

  it('has every route', () => {
    expect(operations.map(({ name }) => name).sort()).toEqual([
      'DELETE /events/{id}',
      'GET /availability/stream',
      'GET /bookings',
      'GET /bookings/{id}',
      'GET /bookings/{id}/history',
      'GET /events',
      'GET /events/{id}',
      'GET /events/{id}/availability/stream',
      'GET /events/{id}/bookings.csv',
      'GET /events/{id}/integrity',
      'GET /events/{id}/movements',
      'GET /events/{id}/sales',
      'GET /events/{id}/waitlist',
      'GET /events/{id}/waitlist/{entryId}',
      'GET /health/live',
      'GET /health/ready',
      'GET /holds',
      'GET /holds/{id}',
      'GET /metrics',
      'GET /operations',
      'GET /requests/{id}',
      'PATCH /events/{id}',
      'POST /book',
      'POST /bookings/{id}/cancel',
      'POST /bookings/{id}/transfer',
      'POST /events/create',
      'POST /events/{id}/cancel-bookings',
      'POST /events/{id}/waitlist',
      'POST /events/{id}/waitlist/{entryId}/leave',
      'POST /holds',
      'POST /holds/{id}/confirm',
      'POST /holds/{id}/extend',
      'POST /holds/{id}/release',
      'POST /holds/{id}/settled',
      'POST /users/erase',
    ]);
  });

  it.each(operations)('describes $name, each of its answers, and gives examples', (operation) => {
    expect(operation.summary).toBeTruthy();
    expect(operation.description).toBeTruthy();
    for (const [status, response] of Object.entries(operation.responses)) {
      expect([status, response.description]).toEqual([status, expect.stringMatching(/./)]);
      expect(Object.keys(response.headers)).toContain('X-Request-Id');
      for (const [type, media] of Object.entries(response.content ?? {})) {
        expect([status, type, media.schema]).toEqual([status, type, expect.anything()]);
        expect([status, type, media.example ?? media.examples]).toEqual([status, type, expect.anything()]);
        const problems = Object.values(media.examples ?? {}).map(({ value }) => value);
        if (Number(status) >= 400) expect(problems.length).toBeGreaterThan(0);
        for (const problem of problems) {
          expect(problem).toMatchObject({ status: Number(status), success: false, code: expect.any(String) });
        }
      }
    }
    for (const parameter of operation.parameters) expect(parameter.schema).toHaveProperty('type');
  });

  it('says of each number how large it can be: without a format, generators take it for 32 bits', () => {
    const numbers = schemasIn(checkedIn).filter(({ type }) => type === 'integer' || type === 'number');
    expect(numbers.length).toBeGreaterThan(20);
    for (const number of numbers) {
      const isSmall = number.maximum !== undefined && number.maximum < 2 ** 31;
      expect(number).toMatchObject({ type: 'integer', format: isSmall ? 'int32' : 'int64' });
    }
  });

  it('calls no list a set, and lets answers get more members, but not requests', () => {
    expect(schemasIn(checkedIn).filter(({ uniqueItems }) => uniqueItems)).toEqual([]);
    for (const [name, { additionalProperties }] of Object.entries(checkedIn.components.schemas)) {
      expect([name, additionalProperties]).toEqual([name, !name.endsWith('Dto')]);
    }
  });

  it('says which fields exclude each other', () => {
    const schemas = checkedIn.components.schemas as Record<string, { properties: object; required: string[] }>;
    const fieldsOf = (name: string) => Object.keys(schemas[name]!.properties);
    for (const [path, names] of [
      ['/events/create', ['CreateEventWithTicketsDto', 'CreateEventWithSectionsDto']],
      ['/book', ['BookTicketsDto', 'BookItemsDto']],
    ] as const) {
      const { schema } = checkedIn.paths[path]!['post']!.requestBody!.content['application/json']!;
      expect(schema).toEqual({ oneOf: names.map((name) => ({ $ref: `#/components/schemas/${name}` })) });
    }
    expect(schemas['CreateEventWithTicketsDto']!.required).toContain('totalTickets');
    expect(fieldsOf('CreateEventWithTicketsDto')).not.toContain('sections');
    expect(schemas['CreateEventWithSectionsDto']!.required).toContain('sections');
    expect(fieldsOf('CreateEventWithSectionsDto')).not.toContain('totalTickets');
    expect(fieldsOf('BookTicketsDto')).not.toContain('items');
    expect(schemas['BookItemsDto']!.required).toContain('items');
    expect(fieldsOf('BookItemsDto')).not.toContain('quantity');
  });

  it('says how long a list may be', () => {
    const lists = checkedIn.components.schemas as Record<string, { properties: Record<string, object> }>;
    expect(lists['CreateEventWithSectionsDto']!.properties['sections']).toMatchObject({ minItems: 1, maxItems: 200 });
    expect(lists['BookItemsDto']!.properties['items']).toMatchObject({ maxItems: 200 });
  });

  it('names the server that serves it', () => {
    expect(checkedIn.servers.map(({ url }) => url)).toEqual(['/']);
  });

  it('says wherever a key is asked for that there are budgets, and what is answered when one is used up', () => {
    for (const { name, security, responses } of operations) {
      const codes = Object.values(responses).flatMap(({ content }) =>
        Object.keys(Object.assign({}, ...Object.values(content ?? {}).map(({ examples }) => examples))),
      );
      expect([name, codes.includes('rate_limited')]).toEqual([name, security !== undefined]);
      for (const { headers } of Object.values(responses)) {
        expect([name, 'RateLimit' in headers]).toEqual([name, security !== undefined]);
      }
    }
  });

  it('has examples of requests that work', async () => {
    const { api } = server;
    const examplesOf = (path: string) => {
      const { requestBody } = checkedIn.paths[path]!['post']!;
      return Object.values(requestBody!.content['application/json']!.examples!).map(({ value }) => value);
    };
    const [plain, withSections] = await Promise.all(
      examplesOf('/events/create').map(async (example) => {
        const answer = await api.post('/events/create', example);
        expect(answer.status).toBe(201);
        return answer.body.event;
      }),
    );
    for (const example of examplesOf('/book')) {
      const usesSections = /sectionId/.test(JSON.stringify(example));
      const event = usesSections ? withSections : plain;
      const text = JSON.stringify(example)
        .replaceAll('67841f2a3b4c5d6e7f809100', event._id)
        .replaceAll('67841f2a3b4c5d6e7f809101', event.sections[0]?._id)
        .replaceAll('67841f2a3b4c5d6e7f809102', event.sections[1]?._id);
      expect(await api.post('/book', text)).toMatchObject({ status: 201, body: { success: true } });
    }
  });
});

/** Every object in the document, however deep; those without the fields of a schema do no harm. */
function schemasIn(value: unknown): Schema[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(schemasIn)];
}
