import { connect } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { Workplace } from '../support/server-process.js';

const workplace = new Workplace();
afterEach(() => workplace.clear());

/** What a browser opens in advance, and a load balancer to see whether somebody is there. */
it('a connection that has never asked for anything does not hold up the end', async () => {
  const server = await (await workplace.start(workplace.folder(), { MONGO_URI: freshDatabaseUri() })).ready();
  const connection = connect(Number(new URL(server.api.url).port), '127.0.0.1');
  await new Promise((done) => connection.once('connect', done));
  const hungUp = new Promise((done) => connection.once('close', () => done('closed at once')));
  // Half of the time after which the server cuts off whatever is left.
  const cutOff = new Promise((done) => setTimeout(() => done('kept open'), 5_000));
  connection.resume().on('error', () => undefined);

  const exit = server.end('SIGTERM');

  expect(await Promise.race([hungUp, cutOff])).toBe('closed at once');
  expect(await exit).toEqual({ code: 0, signal: null });
});
