import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import net from 'node:net';
import { VERBS } from '../../src/common/http/verbs.js';
import { Database } from '../../src/platform/database/index.js';
import type { Answer } from '../support/api.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { watchedUri } from '../support/watch-commands.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const UNKNOWN_ID = '67841f2a3b4c5d6e7f809100';
const EXPOSED = [
  'ETag',
  'Event-Revision',
  'Location',
  'Link',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'Idempotent-Replayed',
];

describe('HTTP', () => {
  let running: RunningApp;
  let event: { _id: string };
  beforeAll(async () => {
    running = await startApp();
    event = await running.api.createEvent();
  });
  afterAll(() => running.close());

  describe('headers', () => {
    it.each(['/health/live', '/events', '/bookings', '/', '/docs-json', '/nope', '/docsx', '/events?limit=0'])(
      'let a browser do nothing with the answer to %s',
      async (path) => {
        const { headers } = await running.api.get(path);

        expect(headers.get('content-security-policy')).toBe(
          "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
        );
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('x-frame-options')).toBe('DENY');
        expect(headers.get('referrer-policy')).toBe('no-referrer');
        expect(headers.get('x-powered-by')).toBeNull();
        expect(headers.get('server')).toBeNull();
      },
    );

    it("relax the policy for the documentation's own scripts, fonts and inline styles alone", async () => {
      const { status, headers, body } = await running.api.get('/docs');

      expect(status).toBe(200);
      expect(headers.get('content-type')).toContain('text/html');
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain("style-src 'self' 'unsafe-inline'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toMatch(/unsafe-eval|https?:|\*|upgrade-insecure-requests/);
      expect(body).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*[^<\s]/);
    });

    it.each([
      ['no-cache', '/events'],
      ['no-store', '/bookings'],
      ['no-store', '/bookings?limit=1'],
      ['no-store', '/health/live'],
      ['no-store', '/health/ready'],
      ['no-store', '/nope'],
    ])('say %s of %s', async (cacheControl, path) => {
      expect((await running.api.get(path)).headers.get('cache-control')).toBe(cacheControl);
    });

    it('say for how long a connection is kept, as configured', async () => {
      const impatient = await startApp({ config: { keepAliveSeconds: 7 }, startDatabase: false });
      try {
        expect((await impatient.api.get('/health/live')).headers.get('keep-alive')).toBe('timeout=7');
      } finally {
        await impatient.close();
      }
    });

    it('lead from / to the documentation', async () => {
      const { status, headers } = await running.api.get('/');

      expect([status, headers.get('location')]).toEqual([302, '/docs']);
    });
  });

  describe('X-Request-Id', () => {
    it.each(['order-4711', 'A_b.c-9', 'x'.repeat(64)])("is the caller's own: %s", async (id) => {
      const ok = await running.api.get('/events', { 'x-request-id': id });
      const refused = await running.api.get('/events?limit=0', { 'x-request-id': id });

      expect(ok.headers.get('x-request-id')).toBe(id);
      expect(refused.body.requestId).toBe(id);
    });

    it.each([undefined, '', 'a b', 'x'.repeat(65), 'é', '{"a":1}', 'a,b'])('is a new one instead of %j', async (id) => {
      const headers = id === undefined ? {} : { 'x-request-id': id };
      const ids = [];
      for (let i = 0; i < 2; i++) ids.push((await running.api.get('/events', headers)).headers.get('x-request-id'));

      expect(ids).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
      expect(ids[0]).not.toBe(ids[1]);
    });
  });

  describe('CORS', () => {
    const preflight = (api: RunningApp['api'], origin: string, method: string) =>
      api.request('OPTIONS', '/book', undefined, {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type,idempotency-key',
      });

    it('lets every origin call, without credentials, and read our headers', async () => {
      const { headers } = await running.api.get('/events', { origin: 'https://shop.example' });

      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('access-control-expose-headers')!.split(', ')).toEqual(expect.arrayContaining(EXPOSED));
    });

    it('lets a refusal be read too', async () => {
      const { headers } = await running.api.post('/book', {}, { origin: 'https://shop.example' });

      expect(headers.get('access-control-allow-origin')).toBe('*');
    });

    it('answers the preflight of a booking', async () => {
      const { status, headers } = await preflight(running.api, 'https://shop.example', 'POST');

      expect(status).toBe(204);
      expect(headers.get('access-control-allow-methods')).toBe([...VERBS.keys()].join(', '));
      expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(0);
      expect(headers.get('access-control-allow-headers')).toContain('content-type');
      expect(headers.get('access-control-allow-headers')).toContain('idempotency-key');
    });

    it('lets only the origins call that are configured', async () => {
      const config = { corsOrigins: ['https://shop.example', 'http://localhost:3000'] };
      const strict = await startApp({ config, startDatabase: false });
      try {
        const allowedFor = async (origin: string) => {
          const { headers } = await strict.api.get('/health/live', { origin });
          expect((await preflight(strict.api, origin, 'POST')).headers.get('access-control-allow-origin')).toBe(
            headers.get('access-control-allow-origin'),
          );
          expect(headers.get('vary')).toContain('Origin');
          return headers.get('access-control-allow-origin');
        };

        for (const origin of config.corsOrigins) expect(await allowedFor(origin)).toBe(origin);
        for (const origin of [
          'https://evil.example',
          'https://shop.example.evil.example',
          'http://shop.example',
          'null',
        ]) {
          expect(await allowedFor(origin)).toBeNull();
        }
      } finally {
        await strict.close();
      }
    });
  });

  describe('readiness', () => {
    it('is asked of the database once for all who want to know', async () => {
      const watched = await startApp({ uri: watchedUri() });
      try {
        const pings: string[] = [];
        const client = watched.app.get<Connection>(getConnectionToken()).getClient();
        client.on('commandStarted', ({ commandName }) => {
          if (commandName === 'ping') pings.push(commandName);
        });
        const database = watched.app.get(Database);
        for (let round = 1; round <= 2; round++) {
          await Promise.all(Array.from({ length: 100 }, () => database.ping()));
          expect(pings).toHaveLength(round);
        }
      } finally {
        await watched.close();
      }
    });

    it('tells callers to come back until the database is there, and lives all the while', async () => {
      const starting = await startApp({ startDatabase: false });
      try {
        const { api } = starting;
        const requests = () => [
          api.get('/health/ready'),
          api.get('/events'),
          api.get('/bookings'),
          api.get(`/events/${UNKNOWN_ID}`),
          api.get(`/events/${UNKNOWN_ID}/integrity`),
          api.get(`/bookings/${UNKNOWN_ID}`),
          api.post('/events/create', { name: 'Concert Night', totalTickets: 1 }),
          api.book(UNKNOWN_ID),
          api.post(`/bookings/${UNKNOWN_ID}/cancel`),
        ];

        for (const answer of await Promise.all(requests())) {
          expectProblem(answer, 503, 'database_unavailable');
          expect(answer.headers.get('retry-after')).toMatch(/^[1-3]$/);
        }
        expect((await api.get('/health/live')).body).toMatchObject({ status: 'ok' });
        expect((await api.get('/docs-json')).status).toBe(200);
        expectProblem(await api.get('/nope'), 404, 'route_not_found');

        await starting.app.get(Database).start();
        const statuses = (await Promise.all(requests())).map(({ status }) => status);
        expect(statuses).toEqual([200, 200, 200, 404, 404, 404, 201, 404, 404]);
      } finally {
        await starting.close();
      }
    });
  });

  describe('bytes that are no request', () => {
    const HEAD = 'Host: localhost\r\nConnection: close\r\n';
    const send = async (bytes: string): Promise<Answer> => {
      const socket = net.connect(Number(new URL(running.api.url).port), '127.0.0.1');
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => undefined);
      socket.write(bytes, 'latin1');
      await closed;
      const [head, body] = Buffer.concat(chunks).toString().split('\r\n\r\n', 2) as [string, string];
      const [start, ...lines] = head.split('\r\n') as [string, ...string[]];
      const headers = new Headers(lines.map((line) => line.split(': ', 2) as [string, string]));
      return { status: Number(start.split(' ')[1]), headers, body: JSON.parse(body) };
    };

    it.each([
      ['no HTTP', 'garbage\r\n\r\n'],
      ['a method that does not exist', `FOO /events HTTP/1.1\r\n${HEAD}\r\n`],
      ['a version that does not exist', `GET /events HTTP/9.9\r\n${HEAD}\r\n`],
      ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      [
        'two lengths (request smuggling)',
        `POST /book HTTP/1.1\r\n${HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ],
      ['a negative length', `POST /book HTTP/1.1\r\n${HEAD}Content-Length: -1\r\n\r\n`],
      [
        'a broken chunk',
        `POST /book HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      ],
      ['a NUL in the path', `GET /ev\0ents HTTP/1.1\r\n${HEAD}\r\n`],
      ['a NUL in a header', `GET /events HTTP/1.1\r\n${HEAD}X: a\0b\r\n\r\n`],
    ])('are answered with a problem: %s', async (_what, bytes) => {
      expectProblem(await send(bytes), 400, 'malformed_request');
    });

    it('are answered with a problem: headers without end', async () => {
      const answer = await send(`GET /events HTTP/1.1\r\n${HEAD}X: ${'a'.repeat(20_000)}\r\n\r\n`);

      expectProblem(answer, 431, 'headers_too_large');
    });

    it('do not keep others from being served', async () => {
      await send('garbage\r\n\r\n');

      expect((await running.api.get(`/events/${event._id}`)).status).toBe(200);
    });
  });
});
