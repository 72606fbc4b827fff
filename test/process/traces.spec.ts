import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { freePort } from '../../scripts/support/free-port.js';
import { metricOf } from '../support/metric-of.js';
import { FAILED, KIND, OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { describeWith } from '../support/programs.js';
import { times } from '../support/race.js';
import { RedisProcess } from '../support/redis-process.js';
import { type ServerProcess, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const EVENT_ID = 'ticket_booking.event.id';
const KIND_OF_COMMAND = 'ticket_booking.command.kind';
const SECRET = 'Secret-4711';

/** The headers of a caller that traces, and the id of its trace. */
function caller(isSampled = true): { traceId: string; spanId: string; headers: Record<string, string> } {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}` } };
}

const named = (spans: readonly ReceivedSpan[], name: string) => {
  const found = spans.filter((span) => span.name === name);
  expect([name, found.length]).toEqual([name, 1]);
  return found[0]!;
};

describe('a server that sends its traces', () => {
  const workplace = new Workplace();
  const uri = freshDatabaseUri();
  const client = new mongo.MongoClient(uri);
  let receiver: OtlpReceiver;
  let server: ServerProcess;
  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    const environment = {
      MONGO_URI: uri,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20token,x-tenant=tickets',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
    server = await (await workplace.start(workplace.folder(), environment)).ready();
  });
  afterAll(async () => {
    await workplace.clear();
    await client.close();
    await receiver.stop();
    expect(receiver.faults).toEqual([]);
  });

  /** The spans of the trace, once that of the request is there: it ends last. */
  const trace = async (id: string) => {
    const isThere = () => receiver.trace(id).some(({ kind }) => kind === KIND.server);
    await until('the trace has come', isThere);
    return receiver.trace(id);
  };
  const linesOf = async (requestId: string) => {
    const find = () => server.output.split('\n').filter((line) => line.includes(`"requestId":"${requestId}"`));
    await until('the request has a line', () => find().length > 0);
    return find().map((line) => JSON.parse(line));
  };

  it('tells of a booking from the request to the transaction, below the span of the caller', async () => {
    const { _id: eventId } = await server.api.createEvent();
    const { traceId, spanId, headers } = caller();
    const tracestate = 'shop=a1,other=b2';
    const answer = await server.api.book(eventId, { userId: SECRET }, { ...headers, tracestate });
    expect(answer.status).toBe(201);

    const spans = await trace(traceId);
    expect(spans.map(({ name }) => name).sort()).toEqual(['POST /book', 'command book', 'transaction', 'wait']);
    const request = named(spans, 'POST /book');
    expect(request).toMatchObject({ parentSpanId: spanId, kind: KIND.server, status: 0, traceState: tracestate });
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/book',
      'http.response.status_code': 201,
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
    });
    expect(request.resource).toMatchObject({ 'service.name': 'ticket-booking' });
    const command = named(spans, 'command book');
    expect(command).toMatchObject({ parentSpanId: request.spanId, kind: KIND.internal });
    expect(command.attributes).toEqual({ [KIND_OF_COMMAND]: 'book', [EVENT_ID]: eventId });
    const [wait, transaction] = [named(spans, 'wait'), named(spans, 'transaction')];
    for (const { parentSpanId } of [wait, transaction]) expect(parentSpanId).toBe(command.spanId);
    expect(transaction.attributes).toMatchObject({
      'ticket_booking.transaction.result': 'committed',
      'ticket_booking.transaction.attempt': 1,
    });
    // Spans begin at whole milliseconds.
    const starts = [request, command, wait, transaction].map(({ start }) => start);
    expect(starts).toEqual(starts.toSorted((one, other) => Number(one - other)));
  });

  it('tells of the batch of concurrent bookings by a trace that links to them, and is linked by them', async () => {
    const { _id: eventId } = await server.api.createEvent({ totalTickets: 10_000 });
    const isShared = ({ name, links }: ReceivedSpan) =>
      name === 'batch' && links.length > 1 && links.every(({ attributes }) => attributes[EVENT_ID] === eventId);
    await until('bookings share a transaction', async () => {
      await Promise.all(times(20, (user) => server.api.book(eventId, { userId: `user${user}` })));
      return receiver.spans.some(isShared);
    });

    const batch = receiver.spans.find(isShared)!;
    expect(batch).toMatchObject({ parentSpanId: '', kind: KIND.internal });
    expect(batch.attributes['ticket_booking.transaction.commands']).toBe(batch.links.length);
    expect(new Set(batch.links.map(({ traceId }) => traceId)).size).toBe(batch.links.length);
    for (const link of batch.links) {
      const transaction = named(await trace(link.traceId), 'transaction');
      expect(transaction.spanId).toBe(link.spanId);
      expect(transaction.links.map(({ traceId, spanId }) => ({ traceId, spanId }))).toEqual([
        { traceId: batch.traceId, spanId: batch.spanId },
      ]);
    }
  });

  it('keeps a trace that its caller does not sample out, but says its id', async () => {
    const { _id: eventId } = await server.api.createEvent({ totalTickets: 1 });
    const [silent, heard] = [caller(false), caller()];
    const refused = await server.api.book(eventId, { quantity: 2 }, silent.headers);
    expect(refused).toMatchObject({ status: 409, body: { code: 'not_enough_tickets', traceId: silent.traceId } });
    // What comes later is there: the other one would be, too.
    await server.api.book(eventId, { quantity: 2 }, heard.headers);
    await trace(heard.traceId);
    expect(receiver.trace(silent.traceId)).toEqual([]);
    const [line] = await linesOf(refused.body.requestId);
    expect(line).toMatchObject({ traceId: silent.traceId });
    expect(line).not.toHaveProperty('spanId');
  });

  it('says by the code why a request is refused, which is no error of the server', async () => {
    const { _id: eventId } = await server.api.createEvent({ totalTickets: 1 });
    const { traceId, headers } = caller();
    const refused = await server.api.book(eventId, { quantity: 2 }, headers);

    const spans = await trace(traceId);
    const request = named(spans, 'POST /book');
    for (const span of [request, named(spans, 'command book')]) {
      expect(span).toMatchObject({ status: 0, attributes: { 'ticket_booking.problem.code': 'not_enough_tickets' } });
    }
    expect(request.attributes).toMatchObject({ 'http.response.status_code': 409 });
    expect(request.attributes).not.toHaveProperty('error.type');
    expect(refused.body.traceId).toBe(traceId);
    const [line] = await linesOf(refused.body.requestId);
    expect(line).toMatchObject({ traceId, spanId: request.spanId, status: 409 });
  });

  it('begins a trace of its own where nobody names one, or what names it is malformed', async () => {
    for (const traceparent of [undefined, 'nonsense', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`]) {
      const { body } = await server.api.get('/nowhere', traceparent === undefined ? {} : { traceparent });
      const [request] = await trace(body.traceId);
      expect(request).toMatchObject({
        name: 'GET',
        parentSpanId: '',
        attributes: { 'http.response.status_code': 404 },
      });
    }
  });

  it('says nothing of users, and sends what it was told to send', async () => {
    const { headers, traceId } = caller();
    await server.api.get(`/${SECRET}?${SECRET}`, { ...headers, 'user-agent': SECRET, authorization: SECRET });
    await trace(traceId);
    const told = JSON.stringify(receiver.spans, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
    expect(told).toContain(traceId);
    expect(told).not.toContain(SECRET);
    expect(told).not.toMatch(/127\.0\.0\.1|user-agent|authorization/);
    expect(receiver.headers[0]).toMatchObject({ authorization: 'Bearer token', 'x-tenant': 'tickets' });
  });

  it('says that a request has failed, and has its id in all that is logged of it', async () => {
    const { _id: eventId } = await server.api.createEvent();
    const events = client.db().collection('events');
    const bypass = { bypassDocumentValidation: true };
    await events.updateOne({ _id: new mongo.ObjectId(eventId as string) }, { $unset: { sections: 1 } }, bypass);
    const { traceId, headers } = caller();
    const failed = await server.api.get(`/events/${eventId}`, headers);

    expect(failed).toMatchObject({ status: 500, body: { code: 'internal_error', traceId } });
    const request = named(await trace(traceId), 'GET /events/:id');
    expect(request).toMatchObject({ status: FAILED, attributes: { 'error.type': '500' } });
    const lines = await linesOf(failed.body.requestId);
    expect(lines.map(({ msg }) => msg).sort()).toEqual(['request', 'request failed']);
    for (const line of lines) expect(line).toMatchObject({ traceId, spanId: request.spanId });
  });
});

describe('a server whose traces nobody takes', () => {
  const workplace = new Workplace();
  afterAll(() => workplace.clear());

  it('sells as ever, says so once, and sends them again when somebody does', async () => {
    const port = await freePort();
    const environment = {
      MONGO_URI: freshDatabaseUri(),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      // Shorter than the pause before it is tried again.
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
    const server = await (await workplace.start(workplace.folder(), environment)).ready();
    const { _id: eventId } = await server.api.createEvent({ totalTickets: 10_000 });
    const book = () => server.api.book(eventId);
    await server.says('traces can not be sent');
    for (const { status } of await Promise.all(times(50, book))) expect(status).toBe(201);

    const receiver = await OtlpReceiver.start(port);
    await until('traces come', async () => {
      expect((await book()).status).toBe(201);
      return receiver.spans.length > 0;
    });
    await server.says('traces are sent again');
    expect(await server.end()).toEqual({ code: 0, signal: null });
    await receiver.stop();
    expect(server.output.split('traces can not be sent').length - 1).toBe(1);
    expect(receiver.faults).toEqual([]);
  });

  it('ends while somebody takes its last traces and never answers', async () => {
    let hasCome = false;
    const silent = createServer((socket) => socket.on('error', () => undefined).once('data', () => (hasCome = true)));
    const port = await freePort();
    await new Promise<void>((done) => silent.listen(port, '127.0.0.1', done));
    const environment = {
      MONGO_URI: freshDatabaseUri(),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      // Longer than this test may take: who waits for the answer fails it.
      OTEL_EXPORTER_OTLP_TIMEOUT: '3600000',
      OTEL_BSP_EXPORT_TIMEOUT: '3600000',
    };
    const server = await (await workplace.start(workplace.folder(), environment)).ready();
    expect(await server.end()).toEqual({ code: 0, signal: null });
    expect(hasCome).toBe(true);
    silent.close();
  });

  it('sends what is left when it ends', async () => {
    const receiver = await OtlpReceiver.start();
    const environment = { MONGO_URI: freshDatabaseUri(), OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    const server = await (await workplace.start(workplace.folder(), environment)).ready();
    const { traceId, headers } = caller();
    await server.api.get('/events', headers);
    expect(await server.end()).toEqual({ code: 0, signal: null });
    expect(receiver.trace(traceId).map(({ name }) => name)).toEqual(['GET /events']);
    await receiver.stop();
  });
});

describe('a server without OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  const workplace = new Workplace();
  afterAll(() => workplace.clear());

  /** The scripts of OpenTelemetry that a server has run, by their files, and how it refuses. */
  const run = async (environment: Record<string, string>) => {
    const folder = workplace.folder();
    const coverage = { NODE_V8_COVERAGE: folder, MONGO_URI: freshDatabaseUri() };
    const server = await (await workplace.start(folder, { ...coverage, ...environment })).ready();
    const { _id: eventId } = await server.api.createEvent({ totalTickets: 1 });
    const { traceId, headers } = caller();
    const refused = await server.api.book(eventId, { quantity: 2 }, headers);
    await server.says(refused.body.requestId);
    await server.end();
    const files = readdirSync(folder).filter((name) => name.startsWith('coverage-'));
    const urls = files.flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] };
      return result.map(({ url }) => url);
    });
    expect(urls.filter((url) => url.endsWith('dist/main.js'))).toHaveLength(1);
    // prom-client loads the API, which does nothing by itself.
    const scripts = urls.filter((url) => /@opentelemetry\/(?!api\/)|otel-tracing\.js$/.test(url));
    return { traceId, refused, output: server.output, scripts };
  };

  it('loads nothing of OpenTelemetry, and says no trace ids', async () => {
    const { traceId, refused, output, scripts } = await run({});
    expect(scripts).toEqual([]);
    expect(Object.keys(refused.body)).toEqual([
      'type',
      'title',
      'status',
      'detail',
      'instance',
      'code',
      'requestId',
      'success',
      'message',
    ]);
    expect(output).not.toMatch(/traceId|spanId/);
    expect(output).not.toContain(traceId);
  });

  it('would be seen if it did', async () => {
    const { traceId, refused, output, scripts } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    expect(scripts.length).toBeGreaterThan(0);
    expect(refused.body.traceId).toBe(traceId);
    expect(output).toContain(`"traceId":"${traceId}"`);
  });
});

/** Checks that the trace goes over two servers: from the request at one of them to the transaction at the other one. */
function checkErrand(spans: readonly ReceivedSpan[]): void {
  const [request, errand] = [named(spans, 'POST /book'), named(spans, 'errand book')];
  const [command, transaction] = [named(spans, 'command book'), named(spans, 'transaction')];
  expect(errand).toMatchObject({ parentSpanId: request.spanId, kind: KIND.client, status: 0 });
  expect(errand.attributes['ticket_booking.errand.report']).toBe('outcome');
  expect(command).toMatchObject({ parentSpanId: errand.spanId, kind: KIND.server, resource: transaction.resource });
  expect(transaction.parentSpanId).toBe(command.spanId);
  expect(errand.resource).toEqual(request.resource);
  expect(command.resource['service.instance.id']).not.toBe(request.resource['service.instance.id']);
}

describe('two workers', () => {
  const workplace = new Workplace();
  afterAll(() => workplace.clear());

  it('tell of a booking that goes from one to the other in one trace', async () => {
    const receiver = await OtlpReceiver.start();
    const environment = {
      MONGO_URI: freshDatabaseUri(),
      WORKERS: '2',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
    const server = await (await workplace.start(workplace.folder(), environment)).ready();
    await server.says('A further worker is ready');
    const { _id: eventId } = await server.api.createEvent({ totalTickets: 10_000 });
    const isErrand = ({ name }: ReceivedSpan) => name === 'errand book';
    // Which of them takes a connection is up to the system.
    await until('a booking goes to the other worker', async () => {
      await Promise.all(times(8, () => server.api.book(eventId, {}, { ...caller().headers, connection: 'close' })));
      return receiver.spans.some(isErrand);
    });
    const { traceId } = receiver.spans.find(isErrand)!;
    const isWhole = () => receiver.trace(traceId).length === 5;
    await until('the trace has come', isWhole);
    checkErrand(receiver.trace(traceId));
    await receiver.stop();
    expect(receiver.faults).toEqual([]);
  });
});

describeWith('redis-server', 'two servers that meet at a Redis', (path) => {
  const workplace = new Workplace();
  afterAll(() => workplace.clear());

  it('tell of a booking that goes from one to the other in one trace', async () => {
    const [redis, receiver] = [await RedisProcess.start(path), await OtlpReceiver.start()];
    const environment = {
      MONGO_URI: freshDatabaseUri(),
      REDIS_URL: redis.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
    const owner = await (await workplace.start(workplace.folder(), environment)).ready();
    const other = await (await workplace.start(workplace.folder(), environment)).ready();
    await until('they know each other', async () => (await metricOf(other.api, 'peer_servers')) === 2);
    const { _id: eventId } = await owner.api.createEvent();
    const { traceId, headers } = caller();
    expect((await other.api.book(eventId, {}, headers)).status).toBe(201);

    await until('the trace has come', () => receiver.trace(traceId).length === 5);
    checkErrand(receiver.trace(traceId));
    await workplace.clear();
    await redis.kill();
    await receiver.stop();
    expect(receiver.faults).toEqual([]);
  });
});
