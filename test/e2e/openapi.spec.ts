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
interface Document {
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
      'GET /bookings',
      'GET /bookings/{id}',
      'GET /events',
      'GET /events/{id}',
      'GET /events/{id}/integrity',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'POST /book',
      'POST /bookings/{id}/cancel',
      'POST /events/create',
    ]);
  });

  it.each(operations)('describes $name, each of its answers, and gives examples', (operation) => {
    expect(operation.summary).toBeTruthy();
    expect(operation.description).toBeTruthy();
    for (const [status, response] of Object.entries(operation.responses)) {
      expect([status, response.description]).toEqual([status, expect.stringMatching(/./)]);
      expect(Object.keys(response.headers)).toContain('X-Request-Id');
      for (const [type, media] of Object.entries(response.content ?? {})) {
        expect([status, type, media.schema ?? media.example]).toEqual([status, type, expect.anything()]);
        const problems = Object.values(media.examples ?? {}).map(({ value }) => value);
        if (Number(status) >= 400) expect(problems.length).toBeGreaterThan(0);
        for (const problem of problems) {
          expect(problem).toMatchObject({ status: Number(status), success: false, code: expect.any(String) });
        }
      }
    }
    for (const parameter of operation.parameters) expect(parameter.schema).toHaveProperty('type');
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
