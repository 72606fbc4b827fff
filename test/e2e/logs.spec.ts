import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/index.js';
import type { Answer } from '../support/api.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

/** In everything that is nobody's business but the caller's. */
const SECRET = 'Secret-4711';
/** As well-formed as an API key that there is. */
const TOKEN = `tb_${'0'.repeat(24)}${SECRET}${'a'.repeat(32)}`;

describe('logs', () => {
  const lines: string[] = [];
  const answers: Answer[] = [];
  let running: RunningApp;

  /** The lines of the requests, once each of those answered so far has one: they are written after the answer. */
  const requestLines = async () => {
    const find = () => lines.map((line) => JSON.parse(line)).filter((line) => line.msg === 'request');
    await until('each request has its line', () => find().length >= answers.length);
    return find();
  };
  const keep = async (answer: Promise<Answer>) => {
    answers.push(await answer);
    return answers.at(-1)!;
  };

  beforeAll(async () => {
    running = await startApp({ logLines: lines });
    const { api } = running;
    const { event } = (await keep(api.post('/events/create', { name: SECRET, totalTickets: 5 }))).body;
    const wish = { eventId: event._id, userId: SECRET, reference: SECRET, metadata: { [SECRET]: SECRET } };
    const { booking } = (await keep(api.post('/book', wish))).body;
    await keep(api.post('/book', { ...wish, quantity: 9 }));
    await keep(api.post('/book', { ...wish, [SECRET]: SECRET }));
    await keep(api.post('/book', `{"userId":"${SECRET}"`));
    await keep(api.post('/book', SECRET, { 'content-type': 'text/plain' }));
    await keep(api.get(`/bookings?userId=${SECRET}`));
    await keep(api.get(`/bookings?userId=${SECRET}&limit=0`));
    await keep(api.get(`/${SECRET}?${SECRET}`));
    await keep(api.get(`/events/${event._id}`, { authorization: SECRET, cookie: SECRET, 'user-agent': SECRET }));
    await keep(api.get('/events', { authorization: `Bearer ${TOKEN}` }));
    await keep(api.post(`/bookings/${booking._id}/cancel`));
    await keep(api.get(`/events/${event._id}/integrity`));
    await breakEvents();
    await keep(api.post('/book', { ...wish, userId: SECRET }));
    await running.db
      .collection('events')
      .updateOne({}, { $unset: { sections: 1 } }, { bypassDocumentValidation: true });
    await keep(api.get(`/events/${event._id}`));
  });
  afterAll(() => running.close());

  /** Makes the next booking fail with an error of the database that quotes the document. */
  const breakEvents = () =>
    running.db.command({ collMod: 'bookings', validator: { userId: { $ne: SECRET } }, validationLevel: 'strict' });

  it('say nothing of users, bodies, queries and headers, not even when something breaks', async () => {
    await requestLines();

    expect(answers.slice(-2).map(({ status }) => status)).toEqual([503, 500]);
    expect(lines.filter((line) => line.includes(SECRET))).toEqual([]);
    expect(lines.filter((line) => /127\.0\.0\.1|user-agent|authorization|cookie/i.test(line))).toEqual([]);
  });

  it('have one line for each request, under the id that its caller got', async () => {
    const found = await requestLines();

    expect(found.map((line) => line.requestId).sort()).toEqual(
      answers.map(({ headers }) => headers.get('x-request-id')).sort(),
    );
    for (const { headers, status } of answers) {
      const line = found.find(({ requestId }) => requestId === headers.get('x-request-id'));
      expect(line).toEqual({
        level: status >= 500 ? 40 : 30,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        requestId: headers.get('x-request-id'),
        method: expect.stringMatching(/^(GET|POST)$/),
        route: expect.stringMatching(/^(\(none\)|\/[a-z:/]+)$/),
        status,
        ms: expect.any(Number),
        msg: 'request',
      });
    }
  });

  it('name the route, not the path', async () => {
    const routes = (await requestLines()).map(({ method, route, status }) => `${method} ${route} ${status}`);

    expect(routes).toEqual([
      'POST /events/create 201',
      'POST /book 201',
      'POST /book 409',
      'POST /book 400',
      'POST /book 400',
      'POST /book 415',
      'GET /bookings 200',
      'GET /bookings 400',
      'GET (none) 404',
      'GET /events/:id 401',
      'GET /events 401',
      'POST /bookings/:id/cancel 200',
      'GET /events/:id/integrity 200',
      'POST /book 503',
      'GET /events/:id 500',
    ]);
  });

  it('say why a request failed that is answered with 503 or 500, under its id', async () => {
    await requestLines();
    const failed = answers.slice(-2);

    const errors = lines.map((line) => JSON.parse(line)).filter((line) => line.level >= 50);

    expect(errors).toEqual(
      failed.map(({ body }) =>
        expect.objectContaining({ requestId: body.requestId, msg: 'request failed', err: expect.any(Object) }),
      ),
    );
    for (const { err } of errors) expect(err.stack).toContain('    at ');
    expect(failed.map(({ body }) => body.code)).toEqual(['database_misconfigured', 'internal_error']);
    expect(JSON.stringify(failed.map(({ body }) => body))).not.toMatch(/mongo|validation|    at /i);
  });

  it('never have the password of the database, while it starts or when it can not be reached', async () => {
    const started: string[] = [];
    const uri = new URL(freshDatabaseUri());
    uri.username = 'ticket-booking';
    uri.password = SECRET;

    const locked = await startApp({ uri: uri.toString(), logLines: started, startDatabase: false });
    try {
      await expect(locked.app.get(Database).start()).rejects.toThrow(/MONGO_URI/);
      expectProblem(await locked.api.get('/events'), 503, 'database_unavailable');
    } finally {
      await locked.close();
    }

    expect(started.length).toBeGreaterThan(0);
    expect(started.filter((line) => line.includes(SECRET))).toEqual([]);
  });
});
