import { expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { SHUTDOWN_TIMES, type ShutdownTimes } from '../../src/platform/http/index.js';
import { startApp } from '../support/start-app.js';

it('a request whose body never comes to its end is cut off when the time to drain is over', async () => {
  const times: ShutdownTimes = { delayMs: 0, drainMs: 500 };
  const running = await startApp({ override: (builder) => builder.overrideProvider(SHUTDOWN_TIMES).useValue(times) });
  const socket = connect(Number(new URL(running.api.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString())).on('error', () => undefined);
  const closed = new Promise((done) => socket.once('close', done));
  const head = 'POST /book HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n';
  socket.write(`${head}\r\n{"eventId":`);
  // The server answers nothing yet; once a later request is answered, the half has arrived.
  await running.api.get('/health/live');

  await running.close();
  await closed;

  // Without the limit the server would wait until the silent connection is given up, a minute later.
  expect(answer).toBe('');
});
