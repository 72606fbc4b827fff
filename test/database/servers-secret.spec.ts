import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServersSecretRepository } from '../../src/platform/peers/index.js';
import { type RunningApp, startApp } from '../support/start-app.js';

describe('the secret of the servers on a database', () => {
  let servers: RunningApp[];
  beforeAll(async () => {
    const one = await startApp();
    servers = [one, await startApp({ uri: one.uri })];
  });
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  it('is one, whoever asks first, and stays', async () => {
    const secrets = servers.map(({ app }) => app.get(ServersSecretRepository, { strict: false }));
    const atOnce = await Promise.all(Array.from({ length: 40 }, (_, index) => secrets[index % 2]!.read()));
    const stored = await servers[0]!.db.collection<{ _id: string; value: string }>('secrets').find().toArray();
    expect(stored).toEqual([{ _id: 'servers', value: expect.stringMatching(/^[\w+/]{43}=$/) }]);
    expect(new Set([...atOnce, await secrets[0]!.read()])).toEqual(new Set([stored[0]!.value]));
  });
});
