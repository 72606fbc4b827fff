import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { mongo } from 'mongoose';
import { ApiKeysService, type Scope } from '../../src/platform/auth/index.js';
import { AuthGuard } from '../../src/platform/auth/auth.guard.js';
import type { Answer, Api } from '../support/api.js';
import { expectProblem } from '../support/expect-problem.js';
import { profile } from '../support/profile.js';
import { decided, RESPOND_ASYNC } from '../support/queues.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const WRONG = `tb_${'0'.repeat(24)}${'A'.repeat(43)}`;

/** Who may call each route; `all` needs no key. */
const ACCESS: Record<string, 'all' | readonly Scope[]> = {
  'GET /health/live': 'all',
  'GET /health/ready': 'all',
  'POST /events/create': ['operate'],
  'GET /events': ['sell', 'operate'],
  'GET /events/{id}': ['sell', 'operate'],
  'PATCH /events/{id}': ['operate'],
  'DELETE /events/{id}': ['operate'],
  'GET /events/{id}/integrity': ['operate'],
  'POST /events/{id}/waitlist': ['sell'],
  'GET /events/{id}/waitlist': ['sell', 'operate'],
  'GET /events/{id}/waitlist/{entryId}': ['sell', 'operate'],
  'POST /events/{id}/waitlist/{entryId}/leave': ['sell', 'operate'],
  'GET /events/{id}/movements': ['operate'],
  'GET /events/{id}/sales': ['operate'],
  'GET /events/{id}/bookings.csv': ['operate'],
  'POST /events/{id}/cancel-bookings': ['operate'],
  'GET /events/{id}/availability/stream': ['sell', 'operate'],
  'GET /availability/stream': ['sell', 'operate'],
  'GET /metrics': ['operate'],
  'GET /operations': ['operate'],
  'POST /book': ['sell'],
  'GET /bookings': ['operate'],
  'GET /bookings/{id}': ['sell', 'operate'],
  'GET /bookings/{id}/history': ['sell', 'operate'],
  'POST /bookings/{id}/cancel': ['sell', 'operate'],
  'POST /bookings/{id}/transfer': ['sell', 'operate'],
  'POST /holds': ['sell'],
  'GET /holds': ['operate'],
  'GET /holds/{id}': ['sell', 'operate'],
  'POST /holds/{id}/confirm': ['sell', 'operate'],
  'POST /holds/{id}/release': ['sell', 'operate'],
  'POST /holds/{id}/extend': ['sell', 'operate'],
  'POST /holds/{id}/settled': ['operate'],
  'GET /requests/{id}': ['sell', 'operate'],
  'POST /users/erase': ['operate'],
};

const WAITLIST_PATHS = Object.keys(ACCESS).flatMap((route) => /\S+ (.*\/waitlist.*)/.exec(route)?.[1] ?? []);
const HOLD_PATHS = Object.keys(ACCESS).flatMap((route) => /\S+ (\/holds\/\{id\}.*)/.exec(route)?.[1] ?? []);

async function makeKey({ app }: RunningApp, name: string, ...scopes: Scope[]): Promise<{ id: string; token: string }> {
  const { key, token } = await app.get(ApiKeysService).create(name, scopes);
  return { id: key.id, token };
}

/** The status of a request whose path goes over the wire as it is. */
function sendRaw(api: Api, method: string, path: string, body?: string): Promise<number> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = httpRequest({ hostname, port, method, path, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!));
    });
    request.on('error', reject).end(body);
  });
}

describe('API keys', () => {
  let running: RunningApp;
  let shop: Api;
  let operator: Api;
  let both: Api;
  let keyIds: Record<'shop' | 'revoked', string>;
  let revoked: Api;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    running = await startApp();
    const sell = await makeKey(running, 'web shop', 'sell');
    shop = running.api.withKey(sell.token);
    operator = running.api.withKey((await makeKey(running, 'office', 'operate')).token);
    both = running.api.withKey((await makeKey(running, 'box office', 'sell', 'operate')).token);
    const old = await makeKey(running, 'old shop', 'sell', 'operate');
    await running.app.get(ApiKeysService).revoke(old.id);
    revoked = running.api.withKey(old.token);
    keyIds = { shop: sell.id, revoked: old.id };
    ids['/events'] = (await operator.createEvent({ totalTickets: 1_000 }))._id;
    ids['/bookings'] = (await shop.book(ids['/events']!)).body.booking._id;
    const { _id: soldOut } = await operator.createEvent({ totalTickets: 1 });
    await shop.book(soldOut);
    for (const path of WAITLIST_PATHS) ids[path] = soldOut;
    ids['entry'] = (await shop.join(soldOut)).body.entry._id;
    ids['/requests/{id}'] = (await shop.book(ids['/events']!, {}, RESPOND_ASYNC)).body.request._id;
    await decided(shop, ids['/requests/{id}']!);
    // One for each action: what is confirmed can't be released.
    for (const path of HOLD_PATHS) ids[path] = (await shop.hold(ids['/events']!, { userId: path })).body.hold._id;
  });
  afterAll(() => running.close());

  const routes = Object.keys(
    (JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, Record<string, unknown>> }).paths,
  ).flatMap((path) =>
    Object.keys(ACCESS)
      .filter((route) => route.endsWith(` ${path}`))
      .map((route) => ({ route, path })),
  );
  const idOf = (path: string) => ids[path] ?? ids[path.startsWith('/events') ? '/events' : '/bookings']!;
  const pathOf = (path: string) => path.replace('{id}', idOf(path)).replace('{entryId}', ids['entry'] ?? '');
  const queryOf = (path: string) => (path === '/availability/stream' ? `?eventIds=${ids['/events']}` : '');
  const bodyOf = (route: string) => {
    if (route === 'POST /events/create') return { name: 'Matinee', totalTickets: 5 };
    if (route === 'POST /book') return { eventId: ids['/events'], userId: 'ann' };
    if (route === 'POST /holds') return { eventId: ids['/events'], userId: `user${Math.random()}` };
    if (route.startsWith('PATCH')) return { name: 'Matinee' };
    if (route === 'POST /events/{id}/waitlist') return { userId: `user${Math.random()}` };
    if (route.endsWith('/extend')) return { ttlSeconds: 60 };
    if (route.endsWith('/transfer')) return { userId: 'user123' };
    if (route.endsWith('/erase')) return { userId: 'nobody' };
    return undefined;
  };
  const call = async (api: Api, { route, path }: { route: string; path: string }): Promise<Answer> => {
    const method = route.split(' ', 1)[0]!;
    // What is deleted is gone for the others.
    if (method === 'DELETE') return api.request(method, `/events/${(await operator.createEvent())._id}`);
    return api.request(
      method,
      pathOf(path) + queryOf(path),
      bodyOf(route),
      method === 'PATCH' ? { 'if-match': '*' } : {},
    );
  };

  it('are asked for by every route that the contract names', () => {
    const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
      paths: Record<string, Record<string, { security?: unknown[]; responses: Record<string, unknown> }>>;
    };
    const named = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
    );
    expect(named.map(({ route }) => route).sort()).toEqual(Object.keys(ACCESS).sort());
    for (const { route, operation } of named) {
      const isOpen = ACCESS[route] === 'all';
      expect([route, operation.security]).toEqual([route, isOpen ? undefined : [{ bearer: [] }]]);
      const asks = Object.keys(operation.responses).filter((status) => ['401', '403'].includes(status));
      expect([route, asks]).toEqual([route, isOpen ? [] : ['401', '403']]);
    }
  });

  describe.each(routes)('$route', (route) => {
    const access = ACCESS[route.route]!;
    const scopesOf: [string, () => Api, readonly Scope[]][] = [
      ['a key that sells', () => shop, ['sell']],
      ['a key that operates', () => operator, ['operate']],
      ['a key that does both', () => both, ['sell', 'operate']],
    ];
    it.each(scopesOf)('answers %s by its scope', async (_kind, api, scopes) => {
      const answer = await call(api(), route);
      if (access === 'all' || scopes.some((scope) => access.includes(scope))) expect(answer.status).toBeLessThan(300);
      else expectProblem(answer, 403, 'forbidden');
    });

    const strangers: [string, () => Record<string, string>][] = [
      ['no key', () => ({})],
      ['an unknown key', () => ({ authorization: `Bearer ${WRONG}` })],
      ['a known id with another secret', () => ({ authorization: `Bearer tb_${keyIds.shop}${'A'.repeat(43)}` })],
      ['no token', () => ({ authorization: 'Bearer' })],
      ['another scheme', () => ({ authorization: 'Basic dXNlcjpwYXNz' })],
      ['two tokens', () => ({ authorization: `Bearer ${WRONG}, Bearer ${WRONG}` })],
      ['an empty header', () => ({ authorization: '' })],
      ['text that is no token', () => ({ authorization: 'Bearer {"$ne":null}' })],
    ];
    it.each(strangers)('refuses %s', async (_kind, headers) => {
      const answer = await running.api.request(
        route.route.split(' ', 1)[0]!,
        pathOf(route.path),
        bodyOf(route.route),
        headers(),
      );
      if (access === 'all') return expect(answer.status).toBe(200);
      expectProblem(answer, 401, 'unauthorized');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    });

    it('refuses a revoked key', async () => {
      const answer = await call(revoked, route);
      if (access === 'all') expect(answer.status).toBe(200);
      else expectProblem(answer, 401, 'unauthorized');
    });

    it('has no spelling that gets around the key', async () => {
      if (access === 'all') return;
      const [method, path] = [route.route.split(' ', 1)[0]!, pathOf(route.path)];
      const spellings = [
        path,
        `${path}/`,
        `/${path}`,
        `${path}//`,
        path.toUpperCase(),
        `/.${path}`,
        `/x/..${path}`,
        `${path}?`,
        `${path}?x=1`,
        `${path};a=b`,
        `${path}%20`,
        `${path}%00`,
        path.replace('/b', '/%62').replace('/e', '/%65'),
        path.replace('/b', '/%42').replace('/e', '/%45'),
        `${path}.json`,
        `/docs/..${path}`,
        `/docs/%2e%2e${path}`,
        `/health/live/../..${path}`,
        `http://localhost${path}`,
      ];
      const body = bodyOf(route.route) && JSON.stringify(bodyOf(route.route));
      const methods = method === 'GET' ? ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT'] : ['POST', 'PUT', 'PATCH', 'GET'];
      const got: string[] = [];
      for (const spelling of spellings) {
        for (const other of methods) {
          const status = await sendRaw(
            running.api,
            other,
            spelling,
            ['GET', 'HEAD', 'OPTIONS'].includes(other) ? undefined : body,
          );
          // OPTIONS is a browser's question about CORS: it has no answer of ours in it.
          const allowed = other === 'OPTIONS' ? [204, 400, 401, 404, 405] : [400, 401, 404, 405];
          if (!allowed.includes(status)) got.push(`${other} ${spelling} ${status}`);
        }
      }
      expect(got).toEqual([]);
    });
  });

  it('are what keeps strangers out (without the guard, all of it is open)', async () => {
    const unguarded = await startApp({
      uri: running.uri,
      override: (builder) => builder.overrideProvider(AuthGuard).useValue({ canActivate: () => true }),
    });
    for (const route of routes) expect((await call(unguarded.api, route)).status).toBeLessThan(300);
    await unguarded.close();
  });

  it('are random, and stored as nothing that can be used', async () => {
    const { token } = await makeKey(running, 'kiosk', 'sell');
    expect(Buffer.from(token.slice(27), 'base64url')).toHaveLength(32);
    expect((await makeKey(running, 'kiosk', 'sell')).token.slice(27)).not.toBe(token.slice(27));
    const records = await running.db.collection('apiKeys').find().toArray();
    expect(records.map(({ hash }) => hash)).toContain(createHash('sha256').update(token).digest('base64url'));
    const stored = JSON.stringify(records);
    for (let at = 0; at + 12 <= token.length; at++) {
      if (at > 27) expect(stored).not.toContain(token.slice(at, at + 12));
    }
    expect((await running.api.withKey(token).get('/events')).status).toBe(200);
  });

  it('say when they were last used, not with every request', async () => {
    const { id, token } = await makeKey(running, 'turnstile', 'sell');
    const find = async () => (await running.app.get(ApiKeysService).list()).find((key) => key.id === id)!.lastUsedAt;
    expect(await find()).toBeUndefined();
    const before = Date.now();
    const commands = await profile(running.db, async () => {
      for (let time = 0; time < 50; time++) await running.api.withKey(token).get('/events');
    });
    expect(commands.filter(({ op, ns }) => op === 'update' && ns.endsWith('.apiKeys'))).toHaveLength(1);
    const lastUsedAt = (await find())!.getTime();
    expect([lastUsedAt >= before, lastUsedAt <= Date.now()]).toEqual([true, true]);
  });

  describe('separate what they sell', () => {
    it('so that a key sees and cancels its own bookings only, and an operator sees all', async () => {
      const rival = running.api.withKey((await makeKey(running, 'rival', 'sell')).token);
      const { _id } = (await shop.book(ids['/events']!)).body.booking;
      expectProblem(await rival.get(`/bookings/${_id}`), 404, 'booking_not_found');
      expectProblem(await rival.post(`/bookings/${_id}/cancel`), 404, 'booking_not_found');
      expect((await operator.get(`/bookings/${_id}`)).body.booking.status).toBe('confirmed');
      expect((await shop.post(`/bookings/${_id}/cancel`)).body.booking.status).toBe('cancelled');
      const other = (await rival.book(ids['/events']!)).body.booking;
      expectProblem(await shop.get(`/bookings/${other._id}`), 404, 'booking_not_found');
      expect((await both.post(`/bookings/${other._id}/cancel`)).status).toBe(200);
    });

    it('lets only a key with both scopes go beyond the limit for each user', async () => {
      const { body } = await both.post('/events/create', { name: 'Encore', totalTickets: 9, maxTicketsPerUser: 1 });
      const more = { quantity: 2, ignoreUserLimit: true };
      expectProblem(await shop.book(body.event._id, more), 403, 'forbidden');
      expectProblem(await operator.book(body.event._id, more), 403, 'forbidden');
      expect((await both.book(body.event._id, more)).status).toBe(201);
      expect(
        (await shop.book(body.event._id, { ...more, quantity: 1, ignoreUserLimit: false, userId: 'ann' })).status,
      ).toBe(201);
    });

    it('so that a key goes on where an earlier one of its name has ended', async () => {
      const first = await makeKey(running, 'app', 'sell');
      const before = (await running.api.withKey(first.token).book(ids['/events']!)).body.booking;
      const next = running.api.withKey((await makeKey(running, 'app', 'sell')).token);
      await running.app.get(ApiKeysService).revoke(first.id);
      expect((await next.get(`/bookings/${before._id}`)).body.booking).toEqual(before);
      expect((await next.post(`/bookings/${before._id}/cancel`)).body.booking.status).toBe('cancelled');
    });

    it('but not the other way round: a key does not see what a later one of its name sells', async () => {
      const first = running.api.withKey((await makeKey(running, 'desk', 'sell')).token);
      await new Promise((done) => setTimeout(done, 2));
      const next = running.api.withKey((await makeKey(running, 'desk', 'sell')).token);
      const { _id } = (await next.book(ids['/events']!)).body.booking;
      expectProblem(await first.get(`/bookings/${_id}`), 404, 'booking_not_found');
    });

    it('and what was sold before there was any key is for operators', async () => {
      const { _id } = (await shop.book(ids['/events']!)).body.booking;
      const anonymous = { _id: new mongo.ObjectId(_id) };
      await running.db.collection('bookings').updateOne(anonymous, { $unset: { soldBy: '' } });
      expect((await shop.get(`/bookings/${_id}`)).status).toBe(404);
      expect((await operator.get(`/bookings/${_id}`)).status).toBe(200);
    });
  });

  describe('separate idempotency keys', () => {
    const KEY = { 'idempotency-key': 'order-1' };
    it('so that two shops may use the same one, and each gets its own answer again', async () => {
      const [one, other] = [
        running.api.withKey((await makeKey(running, 'one', 'sell')).token),
        running.api.withKey((await makeKey(running, 'other', 'sell')).token),
      ];
      const answers = await Promise.all([one, other].map((api) => api.book(ids['/events']!, { quantity: 2 }, KEY)));
      const [first, second] = answers.map(({ body }) => body.booking._id);
      expect(first).not.toBe(second);
      const again = await Promise.all([one, other].map((api) => api.book(ids['/events']!, { quantity: 2 }, KEY)));
      expect(again.map(({ body }) => body.booking._id)).toEqual([first, second]);
      expect(again.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual(['true', 'true']);
    });

    it('and a key that replaces another gets the answers of that', async () => {
      const made: unknown[] = [];
      for (let time = 0; time < 2; time++) {
        const api = running.api.withKey((await makeKey(running, 'rotating', 'sell', 'operate')).token);
        made.push((await api.book(ids['/events']!, { quantity: 3 }, KEY)).body.booking._id);
        made.push((await api.post('/events/create', { name: 'Encore', totalTickets: 3 }, KEY)).body.event._id);
      }
      expect(made.slice(2)).toEqual(made.slice(0, 2));
      const { body } = await both.post('/events/create', { name: 'Encore', totalTickets: 3 }, KEY);
      expect(made).not.toContain(body.event._id);
    });

    it('but not the other way round: a key that was replaced does not get the answers of its successor', async () => {
      const first = running.api.withKey((await makeKey(running, 'replaced', 'sell')).token);
      await new Promise((done) => setTimeout(done, 2));
      const next = running.api.withKey((await makeKey(running, 'replaced', 'sell')).token);
      const booked = await next.book(ids['/events']!, {}, KEY);
      expect(booked.status).toBe(201);
      expectProblem(await first.book(ids['/events']!, {}, KEY), 422, 'idempotency_key_reused');
      expect((await next.book(ids['/events']!, {}, KEY)).body).toEqual(booked.body);
    });
  });
});

describe('an API without keys', () => {
  it('is open, but not to a key that is none, until the first is made, on every instance', async () => {
    const one = await startApp();
    const other = await startApp({ uri: one.uri });
    try {
      for (const { api } of [one, other]) {
        expect((await api.get('/bookings')).status).toBe(200);
        for (const authorization of ['Bearer', 'Basic x', `Bearer ${WRONG}`, '']) {
          expectProblem(await api.get('/bookings', { authorization }), 401, 'unauthorized');
        }
      }
      const { id, token } = await makeKey(one, 'first', 'operate');
      const holders = [one, other].map(({ api }) => api.withKey(token));
      for (const holder of holders) expect((await holder.get('/bookings')).status).toBe(200);
      const isClosed = async () =>
        (await Promise.all([one, other].map(({ api }) => api.get('/bookings')))).every(is401);
      await until('nobody may call without a key', isClosed);
      // A revoked key still counts as one: nobody may call now.
      await one.app.get(ApiKeysService).revoke(id);
      const isRevoked = async () => (await Promise.all(holders.map((holder) => holder.get('/bookings')))).every(is401);
      await until('the revoked key is refused', isRevoked);
      for (const { api } of [one, other]) expectProblem(await api.get('/bookings'), 401, 'unauthorized');
    } finally {
      await other.close();
      await one.close();
    }
  });

  it('is open whatever keys there are where AUTH=off says so', async () => {
    const running = await startApp({ config: { auth: 'off' } });
    await makeKey(running, 'unused', 'sell');
    for (const headers of [{}, { authorization: 'Basic dXNlcjpwYXNz' }]) {
      expect((await running.api.get('/bookings', headers)).status).toBe(200);
    }
    await running.close();
  });

  it('is not open on an address that others reach', async () => {
    const running = await startApp({ config: { host: '0.0.0.0' } });
    expectProblem(await running.api.get('/bookings'), 401, 'unauthorized');
    await running.close();
  });
});

function is401({ status }: Answer): boolean {
  return status === 401;
}
