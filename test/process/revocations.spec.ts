import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Clock } from '../../src/common/clock.js';
import { ApiKeysRepository, ApiKeysService } from '../../src/platform/auth/index.js';
import { describeWith } from '../support/programs.js';
import { RedisProcess } from '../support/redis-process.js';
import { runToEnd, Workplace } from '../support/server-process.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

/** The product whose keys never get old by themselves: it reads them again only because it is told to. */
const withoutAging: NonNullable<AppOptions['override']> = (builder) =>
  builder.overrideProvider(ApiKeysService).useFactory({
    inject: [ApiKeysRepository, Clock],
    factory: (repository: ApiKeysRepository, clock: Clock) => {
      let moments = 0;
      const standing = Object.assign(Object.create(clock) as Clock, { monotonic: () => (moments += 0.001) });
      return new ApiKeysService(repository, standing);
    },
  });

describeWith('redis-server', 'a key that is revoked', (path) => {
  const workplace = new Workplace();
  let redis: RedisProcess;
  let servers: RunningApp[];
  beforeAll(async () => {
    redis = await RedisProcess.start(path);
    const options = { config: { redisUrl: redis.url }, override: withoutAging };
    const first = await startApp(options);
    servers = [first, await startApp({ ...options, uri: first.uri })];
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await redis.kill();
    await workplace.clear();
  });

  const newKey = async (name: string) => {
    const { key, token } = await servers[0]!.app.get(ApiKeysService).create(name, ['operate']);
    return { id: key.id, holders: servers.map(({ api }) => api.withKey(token)) };
  };
  const statuses = (holders: Awaited<ReturnType<typeof newKey>>['holders']) =>
    Promise.all(holders.map(async (holder) => (await holder.get('/bookings?limit=1')).status));
  const revoke = (id: string, environment: Record<string, string>) =>
    runToEnd(workplace.folder(), 'dist/cli/keys.js', ['revoke', id], { MONGO_URI: servers[0]!.uri, ...environment });

  it('is refused by every server that is told so by Redis', async () => {
    const { id, holders } = await newKey('told');
    expect(await statuses(holders)).toEqual([200, 200]);
    expect(await revoke(id, { REDIS_URL: redis.url })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('2 servers were told'),
    });
    await until('both refuse it', async () => (await statuses(holders)).join() === '401,401');
  });

  it('is still taken by servers that nobody told, before they read the keys again (negative control)', async () => {
    const { id, holders } = await newKey('not told');
    expect(await statuses(holders)).toEqual([200, 200]);
    expect(await revoke(id, {})).toMatchObject({ code: 0, stderr: expect.stringContaining('within 5 s') });
    expect(await statuses(holders)).toEqual([200, 200]);
  });

  it('is revoked all the same while Redis is away', async () => {
    const { id } = await newKey('away');
    const answer = await revoke(id, { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(answer).toMatchObject({ code: 0, stderr: expect.stringContaining('within 5 s') });
  });
});
