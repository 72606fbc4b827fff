import { afterEach, describe, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const CROWD = 1_500;

describe('a crowd that comes in the same moment', () => {
  const workplace = new Workplace();
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await workplace.clear();
  });

  it('is connected at once, were the server busy: nobody has to knock again a second later', async () => {
    const server = await (await workplace.start(workplace.folder(), { MONGO_URI: freshDatabaseUri() })).ready();
    const { hostname, port } = new URL(server.api.url);
    server.child.kill('SIGSTOP');
    let connected = 0;
    try {
      for (let count = 0; count < CROWD; count++) {
        sockets.push(connect(Number(port), hostname, () => connected++).on('error', () => undefined));
      }
      await until(`${CROWD} are connected`, () => connected === CROWD);
    } finally {
      server.child.kill('SIGCONT');
    }
  });
});
