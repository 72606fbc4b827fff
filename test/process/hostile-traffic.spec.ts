import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { type ServerProcess, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const MEGABYTE = 1024 * 1024;
const AT_ONCE = 50;
/** A request may take 10 to 15 s to arrive. */
const CUT_OFF_TIMEOUT_MS = 90_000;
/** A few connections come and go by themselves; 10,000 requests that left something would leave thousands. */
const ROOM_FOR_NOISE = 50;

// `@` is another number in each request: nothing may be remembered of it.
const POST = 'POST /book?@ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const body = (json: string) => `${POST}Connection: close\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`;

const MALFORMED = [
  'garbage\r\n\r\n',
  'GET /events HTTP/9.9\r\n\r\n',
  'GET /@%ff%fe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET /events?limit=-@ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  `GET /events HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
  `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  body('{"eventId":'),
  body(`{"eventId":{"$ne":null},"userId":["a"]}`),
  body(`${'['.repeat(4_000)}${']'.repeat(4_000)}`),
  body(`{"eventId":"67841f2a3b4c5d6e7f809100","userId":"${'u'.repeat(5_000)}"}`),
  body('{"__proto__":{"isAdmin":true},"constructor":1}'),
];

describe('traffic that means no good', () => {
  const workplace = new Workplace();
  let server: ServerProcess;
  beforeAll(async () => {
    server = await (await workplace.start(workplace.folder(), { MONGO_URI: freshDatabaseUri() })).ready();
  });
  afterAll(() => workplace.clear());

  const open = (): Socket => {
    const { hostname, port } = new URL(server.api.url);
    return connect(Number(port), hostname).on('error', () => undefined);
  };
  /** The status of the answer to these bytes; undefined where the connection was just closed. */
  const send = async (bytes: string): Promise<number | undefined> => {
    const socket = open();
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.write(bytes, 'latin1');
    await new Promise((done) => socket.once('close', done));
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
    return status === undefined ? undefined : Number(status);
  };
  const sendMalformed = async (count: number): Promise<Set<number | undefined>> => {
    const statuses = new Set<number | undefined>();
    for (let sent = 0; sent < count; sent += AT_ONCE) {
      const batch = Array.from({ length: AT_ONCE }, (_, index) => {
        const malformed = MALFORMED[(sent + index) % MALFORMED.length]!;
        return send(malformed.replace('@', String(sent + index)));
      });
      for (const status of await Promise.all(batch)) statuses.add(status);
    }
    return statuses;
  };
  /** What requests leave behind where they are not cleaned up: open handles, and time series. */
  const countLeftovers = async (): Promise<number> => {
    const lines = String((await server.api.get('/metrics')).body).split('\n');
    const handles = lines.find((line) => line.startsWith('nodejs_active_handles_total '))!;
    return lines.length + Number(handles.split(' ')[1]);
  };

  it('10,000 malformed requests are refused, and leave nothing behind', async () => {
    await sendMalformed(1_000);
    const before = await countLeftovers();

    const statuses = await sendMalformed(10_000);

    expect([...statuses].filter((status) => status === undefined || status < 400 || status >= 500)).toEqual([]);
    await until('what is left is as much as before', async () => (await countLeftovers()) < before + ROOM_FOR_NOISE);
  });

  it.each([
    ['that says how long it is', `${POST}Content-Length: 10000000000\r\n\r\n`, 'x'.repeat(65_536)],
    ['that does not', `${POST}Transfer-Encoding: chunked\r\n\r\n`, `10000\r\n${'x'.repeat(65_536)}\r\n`],
  ])('a body without end %s is cut off', async (_, head, piece) => {
    const socket = open();
    const closed = new Promise((done) => socket.once('close', done));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.write(head);
    let sent = 0;
    const pour = () => {
      while (!socket.destroyed && socket.write(piece)) sent += piece.length;
    };
    socket.on('drain', pour);
    pour();
    await closed;

    // A client that goes on sending may lose the answer with the connection.
    expect(answer).toMatch(/^(HTTP\/1\.1 413 |$)/);
    expect(sent / MEGABYTE).toBeLessThan(50);
  });

  it('300 who never come to the end of their request are cut off, and keep nobody else waiting', async () => {
    const heads = ['GET /events HTTP/1.1\r\nHost: local', `${POST}Content-Length: 100\r\n\r\n{"eventId":`];
    const slow = Array.from({ length: 300 }, (_, index) => {
      const socket = open();
      socket.write(heads[index % heads.length]!);
      return socket;
    });
    let closed = 0;
    for (const socket of slow) socket.resume().once('close', () => closed++);

    for (let count = 0; count < 20; count++) expect((await server.api.get('/events')).status).toBe(200);
    expect(closed).toBe(0);
    await until('all of them are cut off', () => closed === slow.length, CUT_OFF_TIMEOUT_MS);
  });
});
