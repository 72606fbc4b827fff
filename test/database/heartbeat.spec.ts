import { afterEach, expect, it } from '@jest/globals';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const servers: RunningApp[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

it('a server says that it runs, again and again, and that it has ended', async () => {
  const watching = await startApp();
  const other = await startApp({ uri: watching.uri });
  servers.push(watching);
  const find = () => watching.db.collection('servers').find().sort({ _id: 1 }).toArray();

  const [, before] = await find();
  expect(before).toEqual({ _id: expect.anything(), release: 2, seenAt: expect.any(Date) });
  await until('another heartbeat', async () => (await find())[1]!['seenAt'] > before!['seenAt']);

  await other.close();
  expect(await find()).toEqual([
    { _id: expect.anything(), release: 2, seenAt: expect.any(Date) },
    { _id: before!._id, release: 2 },
  ]);
});
