import { afterEach, describe, expect, it } from '@jest/globals';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { Clock } from '../../src/common/clock.js';
import { LoadGate } from '../../src/platform/overload/load-gate.js';
import type { Api } from '../support/api.js';
import { connected } from '../support/connected.js';
import { expectProblem } from '../support/expect-problem.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

/** The answer, as far as it is looked at. */
type Body = ReturnType<typeof JSON.parse>;

const countOf = ({ outcomes }: Body, command: string, code: string): number =>
  outcomes.find((outcome: Body) => outcome.command === command && outcome.code === code)?.count ?? 0;

/** Refuses every request that the gate may refuse. */
const closed = (builder: TestingModuleBuilder) =>
  builder.overrideProvider(LoadGate).useFactory({
    inject: [Clock],
    factory: (clock: Clock) => {
      const never = { maxDelayMs: Infinity, crowdDelayMs: Infinity, crowd: Infinity, windowMs: 60_000 };
      return new LoadGate(clock, { ...never, maxInFlight: 0, maxInFlightOverloaded: 0 });
    },
  });

describe('GET /operations', () => {
  const apps: RunningApp[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });
  const start = async (options: AppOptions = {}) => {
    const app = await startApp(options);
    apps.push(app);
    return app;
  };
  const read = async (api: Api, query = '') => (await api.get(`/operations${query}`)).body;
  /** What was counted is shown when its second is over. */
  const readOnce = async (api: Api, isThere: (body: Body) => boolean) => {
    let body!: Body;
    await until('the figures are there', async () => isThere((body = await read(api))));
    return body;
  };

  it('says what was answered in the last seconds, of which event, and how long that took', async () => {
    const { api } = await start();
    const [small, other] = [await api.createEvent({ totalTickets: 3 }), await api.createEvent({ totalTickets: 3 })];
    for (let user = 0; user < 5; user++) await api.book(small._id, { userId: `user${user}` });
    await api.hold(other._id, { userId: 'ann' });

    const { servers, seconds, at, silentServers } = await readOnce(api, ({ servers: [server] }) => {
      return (
        countOf(server, 'book', 'done') + countOf(server, 'book', 'sold_out') + countOf(server, 'hold', 'done') === 6
      );
    });
    expect({ seconds, silentServers, count: servers.length }).toEqual({ seconds: 5, silentServers: 0, count: 1 });
    expect(new Date(at).toISOString()).toBe(at);
    const [server] = servers;
    expect(server).toMatchObject({ overloaded: false, rateLimited: 0, shed: 0 });
    expect(server.name).toMatch(/.:\d+$/);
    expect(server.p50Ms).toBeGreaterThanOrEqual(1);
    expect(server.p99Ms).toBeGreaterThanOrEqual(server.p50Ms);
    expect(server.events.map(({ eventId }: { eventId: string }) => eventId)).toEqual([small._id, other._id]);
    expect(countOf(server.events[0], 'book', 'done')).toBe(3);
    expect(countOf(server.events[0], 'book', 'sold_out')).toBe(2);
    expect(countOf(server.events[1], 'hold', 'done')).toBe(1);
    const one = await read(api, `?eventId=${other._id.toUpperCase()}`);
    expect(one.servers[0].events.map(({ eventId }: { eventId: string }) => eventId)).toEqual([other._id]);

    // Nothing lasts: the same server says nothing of what is over.
    const { servers: later } = await readOnce(api, ({ servers: [now] }) => now.outcomes.length === 0);
    expect(later[0]).toMatchObject({ p50Ms: null, p99Ms: null, events: [] });
  });

  it('is answered under overload, and counts whom that refuses', async () => {
    const { api } = await start({ override: closed });
    expect((await api.get('/events')).status).toBe(503);
    const { servers } = await readOnce(api, ({ servers: [server] }) => server.shed > 0);
    expect(servers[0]).toMatchObject({ shed: 1, rateLimited: 0 });
  });

  it('counts whom rate limits refuse', async () => {
    const { api } = await start({ config: { sellPerIp: 1 } });
    await api.createEvent();
    expect((await api.post('/book', {})).status).toBe(429);
    const { servers } = await readOnce(api, ({ servers: [server] }) => server.rateLimited > 0);
    expect(servers[0]).toMatchObject({ rateLimited: 1, shed: 0 });
  });

  it('asks the servers that share the events with this one', async () => {
    const hub = connected();
    const first = await start(hub);
    const second = await start({ ...hub, uri: first.uri });
    const event = await second.api.createEvent();
    await second.api.book(event._id);

    const { servers, silentServers } = await readOnce(
      first.api,
      ({ servers: [, other] }) => other !== undefined && countOf(other, 'book', 'done') === 1,
    );
    expect({ count: servers.length, silentServers }).toEqual({ count: 2, silentServers: 0 });
    // A command is counted where its caller was answered, not where it was carried out.
    expect(countOf(servers[0], 'book', 'done')).toBe(0);
  });

  it('says so where a server is silent', async () => {
    const hub = connected();
    const first = await start(hub);
    const second = await start({ ...hub, uri: first.uri });
    hub.hub.silence();
    expect(await read(second.api)).toMatchObject({ silentServers: 1, servers: [{ outcomes: [] }] });
    hub.hub.wake();
  });

  it('refuses what is no event', async () => {
    const { api } = await start();
    expectProblem(await api.get('/operations?eventId=7'), 400, 'validation_failed');
  });
});
