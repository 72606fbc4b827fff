import { afterEach, describe, expect, it } from '@jest/globals';
import { releases } from '../../src/app/database-schema.js';
import { Database } from '../../src/platform/database/index.js';
import { Heartbeat } from '../../src/platform/database/heartbeat.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const LATEST = releases.at(-1)!.number;

const servers: RunningApp[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

it('a server says that it runs, again and again, and that it has ended', async () => {
  const watching = await startApp();
  const other = await startApp({ uri: watching.uri });
  servers.push(watching);
  const find = () => watching.db.collection('servers').find().sort({ _id: 1 }).toArray();

  const [, before] = await find();
  expect(before).toEqual({ _id: expect.anything(), release: LATEST, seenAt: expect.any(Date) });
  await until('another heartbeat', async () => (await find())[1]!['seenAt'] > before!['seenAt']);

  await other.close();
  expect(await find()).toEqual([
    { _id: expect.anything(), release: LATEST, seenAt: expect.any(Date) },
    { _id: before!._id, release: LATEST },
  ]);
});

class NeverStarted extends Heartbeat {
  override start(): Promise<void> {
    return Promise.reject(new Error('killed'));
  }
}

describe('holds wait for the end of an upgrade', () => {
  const statusOfHold = async ({ api }: RunningApp) => (await api.hold((await api.createEvent())._id)).status;
  const start = async (options: AppOptions) => {
    const server = await startApp(options);
    servers.push(server);
    return server;
  };

  it('but not after a first start that ended in its midst', async () => {
    const override: AppOptions['override'] = (builder) => builder.overrideProvider(Heartbeat).useClass(NeverStarted);
    const killed = await start({ startDatabase: false, override });
    await expect(killed.app.get(Database).start()).rejects.toThrow();
    expect(await killed.db.collection('migrations').countDocuments()).toBeGreaterThan(0);

    expect(await statusOfHold(await start({ uri: killed.uri }))).toBe(201);
  });

  it('also after restarts, on a database that a release without heartbeats has left', async () => {
    const { uri, db, app } = await startApp();
    // Its heartbeat would say again what is deleted here.
    await app.close();
    const ofReleases = { _id: { $in: releases.map(({ migration }) => migration) } };
    await db.collection<{ _id: string }>('migrations').deleteMany(ofReleases);
    await db.collection('servers').deleteMany();
    await db.client.close();

    for (let restarts = 0; restarts < 2; restarts++) expect(await statusOfHold(await start({ uri }))).toBe(503);
    expect(await statusOfHold(await start({ uri, config: { upgrade: 'done' } }))).toBe(201);
  });
});
