import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { dump } from '../support/dump.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const ID = '67841f2a3b4c5d6e7f809100';
const EVERY_OBJECTS = ['constructor', 'prototype', 'toString', '__proto__'];
const NOT_LIMITS = ['', '-5', '0', '101', '1e1', '05', 'abc', '%2B5', '5.0', '0x5', '5%00', '%EF%BC%95', '1&limit=2'];
const NOT_CURSORS = ['', 'abc', 'A'.repeat(35), 'A'.repeat(65), '%00', '..%2F', '{"$gt":""}'];

const BAD_QUERIES: [pointer: string, path: string][] = [
  ...['/events', '/bookings'].flatMap((list): [string, string][] => [
    ...NOT_LIMITS.map((limit): [string, string] => ['#/limit', `${list}?limit=${limit}`]),
    ...NOT_CURSORS.map((cursor): [string, string] => ['#/cursor', `${list}?cursor=${cursor}`]),
    ...['foo', ...EVERY_OBJECTS].map((name): [string, string] => [`#/${name}`, `${list}?${name}=1`]),
    ['#/limit%5B$gt%5D', `${list}?limit[$gt]=0`],
  ]),
  ['#/available', '/events?available='],
  ['#/available', '/events?available=TRUE'],
  ['#/available', '/events?available=true&available=true'],
  ['#/eventId', '/events?eventId=67841f2a3b4c5d6e7f809100'],
  ['#/eventId%5B$ne%5D', '/bookings?eventId[$ne]=x'],
  ['#/eventId', '/bookings?eventId='],
  ['#/eventId', '/bookings?eventId=abcdefghijkl'],
  ['#/eventId', `/bookings?eventId=${ID}&eventId=${ID}`],
  ['#/userId', '/bookings?userId='],
  ['#/userId', '/bookings?userId=%20%09'],
  ['#/userId', `/bookings?userId=${'x'.repeat(129)}`],
  ['#/userId', '/bookings?userId=a&userId=b'],
  ['#/id', '/events/abcdefghijkl'],
  ['#/id', `/events/${ID}0`],
  ['#/id', '/events/%00'],
  ['#/id', '/events/%7B%22$ne%22:1%7D'],
  ['#/id', '/events/[object%20Object]/integrity'],
  ['#/id', '/bookings/abcdefghijkl'],
  ['#/id', '/events/%00/availability/stream'],
  ['#/eventIds', `/availability/stream?eventIds=${ID}%00`],
  ['#/eventIds', `/availability/stream?eventIds=${ID},%20${ID}`],
  ['#/eventIds', `/availability/stream?eventIds=${`${ID},`.repeat(100)}${ID}`],
  ['#/eventIds%5B$ne%5D', '/availability/stream?eventIds[$ne]=x'],
];

const BAD_URLS: [status: number, code: string, path: string][] = [
  [400, 'malformed_request', '/events/%zz'],
  [400, 'malformed_request', '/events/%E0%A4%A'],
  [400, 'malformed_request', '/events?limit=%zz'],
  [400, 'malformed_request', '/bookings?userId=%'],
  [400, 'malformed_request', '/bookings?userId=%C3%28'],
  [404, 'route_not_found', '/nope'],
  [404, 'route_not_found', '/EVENTS'],
  [404, 'route_not_found', '/events/'],
  [404, 'route_not_found', '//events'],
  [404, 'route_not_found', `/events/${ID}/`],
  [404, 'route_not_found', '/.env'],
  [404, 'route_not_found', '/docs/..%2f..%2fpackage.json'],
  [400, 'validation_failed', `/events/${'a'.repeat(129)}`],
];

const BAD_METHODS: [method: string, path: string, allowed: string][] = [
  ['GET', '/book', 'POST'],
  ['GET', '/events/create', 'POST'],
  ['DELETE', '/events/create', 'POST'],
  ['PUT', '/book', 'POST'],
  ['POST', '/bookings', 'GET, HEAD'],
  ['POST', '/events', 'GET, HEAD'],
  ['POST', `/events/${ID}`, 'DELETE, GET, HEAD, PATCH'],
  ['PATCH', `/bookings/${ID}`, 'GET, HEAD'],
  ['DELETE', '/bookings', 'GET, HEAD'],
  ['PROPFIND', '/events', 'GET, HEAD'],
  ['GET', `/bookings/${ID}/cancel`, 'POST'],
];

describe('hostile requests change nothing', () => {
  let running: RunningApp;
  let event: { _id: string };
  let before: unknown;
  beforeAll(async () => {
    running = await startApp();
    for (const name of ['first', 'second']) event = await running.api.createEvent({ name, totalTickets: 50 });
    for (const userId of ['user1', 'user2', 'user3']) await running.api.book(event._id, { userId });
    before = await dump(running.db);
  });
  afterEach(async () => expect(await dump(running.db)).toEqual(before));
  afterAll(() => running.close());

  it.each(BAD_QUERIES)('%s: GET %s', async (pointer, path) => {
    const answer = await running.api.get(path);

    expectProblem(answer, 400, 'validation_failed');
    expect(answer.body.errors[0].pointer).toBe(pointer);
    expect(answer.body.instance).toBe(path.split('?')[0]);
  });

  it.each(BAD_URLS)('%d %s: GET %s', async (status, code, path) => {
    expectProblem(await running.api.get(path), status, code);
  });

  it('431 for a URL that is longer than what is read of a request', async () => {
    expectProblem(await running.api.get(`/events?cursor=${'a'.repeat(20_000)}`), 431, 'headers_too_large');
  });

  it.each(BAD_METHODS)('405 method_not_allowed: %s %s', async (method, path, allowed) => {
    const answer = await running.api.request(method, path);
    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.get('allow')).toBe(allowed);
  });

  it('refuses a cursor with any of its characters changed, one cut off or one added', async () => {
    const { nextCursor } = (await running.api.get('/bookings?limit=1')).body;
    const changed = [...nextCursor].map((character: string, index) => {
      return nextCursor.slice(0, index) + (character === 'A' ? 'B' : 'A') + nextCursor.slice(index + 1);
    });

    for (const cursor of [
      ...changed,
      nextCursor.slice(1),
      nextCursor.slice(0, -1),
      `${nextCursor}A`,
      `${nextCursor}=`,
    ]) {
      expectProblem(await running.api.get(`/bookings?limit=1&cursor=${cursor}`), 400, 'validation_failed');
    }
    expect((await running.api.get(`/bookings?limit=1&cursor=${nextCursor}`)).status).toBe(200);
  });

  it.each([
    ['text/plain', 'text'],
    ['application/x-www-form-urlencoded', 'eventId=x&userId=y'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/jsonx', '{}'],
    ['application/xml', '<a/>'],
    ['nonsense', '{}'],
    [undefined, '{}'],
  ])('415 for a body of the type %s', async (type, text) => {
    for (const path of ['/book', '/events/create', `/bookings/${ID}/cancel`]) {
      const headers = { ...(type && { 'content-type': type }) };
      const response = await fetch(running.api.url + path, { method: 'POST', headers, body: Buffer.from(text) });
      const answer = { status: response.status, headers: response.headers, body: await response.json() };
      expectProblem(answer, 415, 'unsupported_media_type');
    }
  });

  it.each([
    ['/book', 16 * 1024],
    ['/events/create', 64 * 1024],
    [`/bookings/${ID}/cancel`, 16 * 1024],
  ])('413 for a body of more than %s takes, of a known length or not', async (path, limit) => {
    const empty = '{"userId":""}';
    const largest = empty.replace('""', `"${'x'.repeat(limit - empty.length)}"`);
    const send = async (text: string, isChunked: boolean) => {
      const bytes = Buffer.from(text);
      const body = isChunked ? new Blob([bytes]).stream() : bytes;
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(running.api.url + path, { method: 'POST', headers, body, duplex: 'half' });
      return { status: response.status, headers: response.headers, body: await response.json() };
    };

    for (const isChunked of [false, true]) {
      expectProblem(await send(largest, isChunked), 400, 'validation_failed');
      expectProblem(await send(`${largest} `, isChunked), 413, 'body_too_large');
    }
  });

  it('takes a NUL as part of a user: it finds nobody else', async () => {
    expect((await running.api.get('/bookings?userId=user1%00')).body.bookings).toEqual([]);
    expect((await running.api.get('/bookings?userId=user1')).body.bookings).toHaveLength(1);
  });

  it('answers HEAD as GET without the body, and OPTIONS with what is allowed', async () => {
    for (const path of [`/events/${event._id}`, '/events', '/bookings', '/health/live']) {
      const [head, get] = [await running.api.request('HEAD', path), await running.api.get(path)];
      expect(head).toMatchObject({ status: 200, body: '' });
      for (const name of ['content-type', 'etag', 'cache-control'])
        expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
    expect((await running.api.request('HEAD', `/events/${ID}`)).status).toBe(404);
    expect((await running.api.request('OPTIONS', '/book')).status).toBe(204);
  });

  it('knows no document by the id of another kind of document', async () => {
    const { bookings } = (await running.api.get('/bookings?limit=1')).body;

    expectProblem(await running.api.get(`/bookings/${event._id}`), 404, 'booking_not_found');
    expectProblem(await running.api.get(`/events/${bookings[0]._id}`), 404, 'event_not_found');
    expectProblem(await running.api.get(`/events/${bookings[0]._id}/integrity`), 404, 'event_not_found');
    expectProblem(await running.api.post(`/bookings/${event._id}/cancel`), 404, 'booking_not_found');
  });
});
