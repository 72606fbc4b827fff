import { afterEach, describe, expect, it } from '@jest/globals';
import { constants } from 'node:os';
import { expectProblem } from '../support/expect-problem.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { type ServerProcess, Workplace } from '../support/server-process.js';

/** Longer than any test may take: only the second signal can end the server. */
const FOR_EVER = { SHUTDOWN_DELAY_SECONDS: '3600' };

describe('a server that is told to end', () => {
  const workplace = new Workplace();
  const servers: ServerProcess[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) server.child.kill('SIGKILL');
    await workplace.clear();
  });

  const start = async (environment: Record<string, string> = {}): Promise<ServerProcess> => {
    const server = await workplace.start(workplace.folder(), { MONGO_URI: freshDatabaseUri(), ...environment });
    servers.push(server);
    return server.ready();
  };
  const untilNotReady = async (server: ServerProcess) => {
    for (;;) {
      const answer = await server.api.get('/health/ready');
      if (answer.status !== 200) return answer;
    }
  };

  it('is not ready, and serves requests until its delay has passed; a second signal ends it at once', async () => {
    const server = await start(FOR_EVER);
    const event = await server.api.createEvent();

    server.child.kill('SIGTERM');
    const notReady = await untilNotReady(server);

    expectProblem(notReady, 503, 'shutting_down');
    expect(notReady.headers.get('retry-after')).toMatch(/^[1-3]$/);
    expect((await server.api.get('/health/live')).status).toBe(200);
    expect((await server.api.book(event._id)).status).toBe(201);
    expect(await server.end('SIGTERM')).toEqual({ code: 128 + constants.signals.SIGTERM, signal: null });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('%s drains, and ends with 0', async (signal) => {
    const server = await start();

    expect(await server.end(signal)).toEqual({ code: 0, signal: null });
  });

  it('takes the Ctrl-C that comes from the terminal and from npm for one, and the next for the second', async () => {
    const server = await start(FOR_EVER);

    server.child.kill('SIGINT');
    server.child.kill('SIGINT');
    await untilNotReady(server);
    await new Promise((done) => setTimeout(done, 500));

    expect((await server.api.get('/health/live')).status).toBe(200);
    expect(await server.end('SIGINT')).toEqual({ code: 128 + constants.signals.SIGINT, signal: null });
  });
});
