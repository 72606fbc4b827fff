import { afterEach, describe, expect, it } from '@jest/globals';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Clock } from '../../src/common/clock.js';
import { LoadGate } from '../../src/platform/overload/load-gate.js';
import { Api } from '../support/api.js';
import { HeldLaneFactory, withHeldLanes } from '../support/lanes.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const NOT_LATE = { maxDelayMs: Infinity, crowdDelayMs: Infinity, crowd: Infinity, windowMs: 60_000 };

/** The product where no more than so many requests may be under way. */
function withRoomFor(maxInFlight: number) {
  const limits = { ...NOT_LATE, maxInFlight, maxInFlightOverloaded: maxInFlight };
  return (builder: TestingModuleBuilder) =>
    builder
      .overrideProvider(LoadGate)
      .useFactory({ inject: [Clock], factory: (clock: Clock) => new LoadGate(clock, limits) });
}

const NEW_EVENT = { name: 'Concert Night', totalTickets: 10 };

/** What the server answers to these bytes, up to the end of the connection. */
async function sendRaw({ url }: Api, bytes: string): Promise<{ head: string; body: string }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { head, body: rest.join('\r\n\r\n') };
}

describe('a server that has too much to do', () => {
  let running: RunningApp;
  afterEach(() => running.close());
  const start = async (options: AppOptions = {}) =>
    (running = await startApp({ override: withRoomFor(0), ...options })).api;

  it('refuses in the one error shape, and says when to come again', async () => {
    const api = await start();
    const { status, headers, body } = await api.post('/book?x=1', {}, { 'x-request-id': 'mine' });

    expect(status).toBe(503);
    expect(headers.get('retry-after')).toMatch(/^[123]$/);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-request-id')).toBe('mine');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(body).toEqual({
      type: 'urn:ticket-booking:problem:overloaded',
      title: 'Overloaded',
      status: 503,
      detail: 'The request was not tried. Nothing was changed.',
      instance: '/book',
      code: 'overloaded',
      requestId: 'mine',
      success: false,
      message: 'Too many people are booking right now, please try again',
    });
  });

  it('quotes a path that is not quite one', async () => {
    const api = await start();
    const { body } = await sendRaw(api, 'GET /a"\\b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(JSON.parse(body)).toMatchObject({ code: 'overloaded', instance: '/a"\\b' });
  });

  it('lets a page read that, of the origins that may', async () => {
    const api = await start({ config: { corsOrigins: ['https://shop.example'] } });
    const allowedFor = async (origin: string) => {
      const { headers } = await api.post('/book', {}, { origin });
      expect(headers.get('vary')).toBe('Origin');
      expect(headers.get('access-control-expose-headers')).toContain('Retry-After');
      return headers.get('access-control-allow-origin');
    };
    expect(await allowedFor('https://shop.example')).toBe('https://shop.example');
    expect(await allowedFor('https://evil.example')).toBeNull();
  });

  it('lets every page read that where every origin may', async () => {
    const api = await start();
    const { headers } = await api.post('/book', {}, { origin: 'https://shop.example' });
    expect(headers.get('access-control-allow-origin')).toBe('*');
  });

  it.each(['', '/tickets'])('says how it is, and answers preflights, under the path "%s"', async (basePath) => {
    const api = new Api((await start({ config: { basePath } })).url + basePath);
    const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    expect((await api.get('/health/live')).status).toBe(200);
    expect((await api.get('/health/ready')).status).toBe(200);
    expect((await api.request('OPTIONS', '/book', undefined, preflight)).status).toBe(204);
    await api.get('/events');
    expect((await api.get('/metrics')).body).toContain('http_requests_shed_total{reason="in_flight"} 1');
  });

  it('answers before the body has come', async () => {
    const { url } = await start();
    const headers = { 'content-type': 'application/json', 'content-length': '1000' };
    const sent = request(`${url}/book`, { method: 'POST', headers, agent: false });
    const status = await new Promise((done) => {
      sent.once('response', (response) => done(response.statusCode)).once('error', done);
      sent.write('{');
    });
    sent.destroy();
    expect(status).toBe(503);
  });

  it('keeps no place for who has hung up, were his requests waiting behind one another', async () => {
    const api = await start({ override: withRoomFor(5) });
    const gate = running.app.get(LoadGate);
    // Whether there is such a key is asked of the database, after a while.
    const authorization = `Authorization: Bearer tb_${'0'.repeat(24)}${'a'.repeat(43)}`;
    const one = `GET /bookings HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`;
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(one.repeat(20));
    await until('several requests are in flight', () => gate.inFlight > 1);
    socket.resetAndDestroy();
    await until('no request is in flight', () => gate.inFlight === 0);
    expect((await api.get('/events')).status).toBe(200);
  });

  it('keeps no place for an answer that is ready and waits for its turn on a connection', async () => {
    const api = await start({ override: (builder) => withRoomFor(5)(withHeldLanes()(builder)) });
    const [gate, lanes] = [running.app.get(LoadGate), HeldLaneFactory.of(running)];
    const event = await api.createEvent();
    const booking = JSON.stringify({ eventId: event._id, userId: 'user123' });
    lanes.hold();
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.write(
      `POST /book HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${booking.length}\r\n\r\n`,
    );
    socket.write(booking + 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4));
    await lanes.untilArrived(1);
    await until('one request is in flight', () => gate.inFlight === 1);

    expect((await api.get(`/events/${event._id}`)).status).toBe(200);
    lanes.release();
    await until('no request is in flight', () => gate.inFlight === 0);
    socket.destroy();
  });

  it('takes a few requests that wait behind one another on a connection, and refuses the rest', async () => {
    const api = await start({ override: withRoomFor(1_000) });
    const one = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    const { head, body } = await sendRaw(api, one.repeat(40) + one.replace('Host', 'Connection: close\r\nHost'));
    const statuses = [...`${head}${body}`.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual([...Array<string>(16).fill('302'), ...Array<string>(25).fill('503')]);
    expect((await api.get('/metrics')).body).toContain('http_requests_shed_total{reason="pipelined"} 25');
  });

  it('keeps a place for who announces a body where none is read', async () => {
    const api = await start({ override: withRoomFor(1) });
    const one = 'GET /events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{';
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendRaw(api, one)));
    const statuses = answers.map(({ head }) => head.split(' ')[1]);
    expect(new Set(statuses)).toEqual(new Set(['200', '503']));
  });

  it('keeps no place for a body that does not come', async () => {
    const api = await start({ override: withRoomFor(1) });
    const sockets = Array.from({ length: 3 }, () => connect(Number(new URL(api.url).port), '127.0.0.1'));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.write('POST /book HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{');
    }
    await sendRaw(api, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(running.app.get(LoadGate).inFlight).toBe(0);
    for (let time = 0; time < 3; time++) expect((await api.createEvent())._id).toMatch(/^[0-9a-f]{24}$/);
    for (const socket of sockets) socket.destroy();
  });

  it('keeps a place for a request with a body until it is answered', async () => {
    const api = await start({ override: withRoomFor(1) });
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.post('/events/create', NEW_EVENT)));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([201, 503]));
    await until('no request is in flight', () => running.app.get(LoadGate).inFlight === 0);
  });

  it('lets the next one in once another has been answered', async () => {
    const api = await start({ override: withRoomFor(1) });
    for (let time = 0; time < 5; time++) expect((await api.get('/events')).status).toBe(200);
  });
});
