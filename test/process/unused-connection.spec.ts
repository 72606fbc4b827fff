import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from '@jest/globals';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { Workplace } from '../support/server-process.js';

const HEAD = 'POST /book HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n';

const workplace = new Workplace();
afterEach(() => workplace.clear());

/** A browser opens one in advance, and a load balancer one to see whether the server is there. */
it('a connection that has never sent anything is closed at once on shutdown, before a request in flight ends', async () => {
  const server = await (await workplace.start(workplace.folder(), { MONGO_URI: freshDatabaseUri() })).ready();
  const open = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(server.api.url).port), '127.0.0.1').on('error', () => undefined);
    await new Promise((done) => socket.once('connect', done));
    return socket;
  };
  const [busy, unused] = [await open(), await open()];
  const answer = text(busy);
  busy.write(`${HEAD}{`);
  // Another request and its answer: by then the server has read the first half.
  expect((await server.api.get('/health/live')).status).toBe(200);

  const exit = server.end('SIGTERM');
  await new Promise((done) => unused.resume().once('close', done));
  busy.write('}');

  // It would be cut off without an answer if the unused connection had been kept up to the limit.
  expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(await exit).toEqual({ code: 0, signal: null });
});
