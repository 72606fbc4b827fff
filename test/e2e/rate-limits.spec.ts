import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Config } from '../../src/app/app.module.js';
import { ApiKeysService, type Scope } from '../../src/platform/auth/index.js';
import { WINDOW_SECONDS } from '../../src/platform/rate-limit/budget.js';
import { RateLimitGuard } from '../../src/platform/rate-limit/rate-limit.guard.js';
import type { Answer, Api } from '../support/api.js';
import { expectProblem } from '../support/expect-problem.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);
/** The seconds until the window ends, as the answer says. */
const resetOf = ({ headers }: Answer) => Number(/;t=(\d+)$/.exec(headers.get('ratelimit')!)![1]);

// Each test has a server of its own, whose window begins with the first request: no test lasts longer than the window.
jest.setTimeout(WINDOW_SECONDS * 1_000);

describe('rate limits', () => {
  let running: RunningApp;
  afterEach(() => running.close());

  async function start(config: Partial<Config>, override?: AppOptions['override']): Promise<Api> {
    running = await startApp({ config, override });
    return running.api;
  }
  async function holder(name: string, ...scopes: Scope[]): Promise<Api> {
    const { token } = await running.app.get(ApiKeysService).create(name, scopes);
    return running.api.withKey(token);
  }
  async function inTurn(count: number, ask: (index: number) => Promise<Answer>): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let index = 0; index < count; index++) answers.push(await ask(index));
    return answers;
  }

  it('say how much is left, and turn away who asks for more, without changing anything', async () => {
    const api = await start({ sellPerIp: 4 });
    const { _id } = await api.createEvent({ totalTickets: 100 });
    const answers = await inTurn(5, () => api.book(_id));

    expect(statuses(answers)).toEqual([201, 201, 201, 429, 429]);
    expect(answers.map(({ headers }) => headers.get('ratelimit'))).toEqual(
      [2, 1, 0, 0, 0].map((left) => expect.stringMatching(new RegExp(`^"sell-per-ip";r=${left};t=\\d+$`))),
    );
    const resets = answers.map(resetOf);
    expect(resets).toEqual(resets.toSorted((one, other) => other - one));
    expect([resets[0]! <= 60, resets.at(-1)! >= 1]).toEqual([true, true]);
    expect(answers[0]!.headers.get('ratelimit-policy')).toBe('"sell-per-ip";q=4;w=60');
    expectProblem(answers[3]!, 429, 'rate_limited');
    expect(Number(answers[3]!.headers.get('retry-after'))).toBe(resets[3]);
    expect((await api.get(`/events/${_id}`)).body.event).toMatchObject({ soldTickets: 3 });
  });

  it('have budgets of their own for selling and for reading, and none for health', async () => {
    const api = await start({ sellPerIp: 1, readPerIp: 2 });
    await api.createEvent();
    expect(statuses(await inTurn(3, () => api.get('/events')))).toEqual([200, 200, 429]);
    expect(statuses(await inTurn(3, () => api.get('/health/live')))).toEqual([200, 200, 200]);
    expect((await api.get('/health/live')).headers.get('ratelimit')).toBeNull();
  });

  it('are what turns them away (without the guard, nobody is)', async () => {
    const api = await start({ sellPerIp: 1, readPerIp: 1 }, (builder) =>
      builder.overrideProvider(RateLimitGuard).useValue({ canActivate: () => true }),
    );
    const { _id } = await api.createEvent();
    expect(statuses(await inTurn(3, () => api.book(_id)))).toEqual([201, 201, 201]);
  });

  it('are switched off by RATE_LIMIT_ENABLED=false', async () => {
    const api = await start({ rateLimitEnabled: 'false', sellPerIp: 1 });
    const { _id } = await api.createEvent();
    const answers = await inTurn(3, () => api.book(_id));
    expect(statuses(answers)).toEqual([201, 201, 201]);
    expect(answers[0]!.headers.get('ratelimit')).toBeNull();
  });

  it('count each key, and each user of a key, by itself', async () => {
    await start({ sellPerKey: 5, sellPerUser: 2, sellPerIp: 1 });
    const operator = await holder('office', 'operate');
    const [one, other] = [await holder('one', 'sell'), await holder('other', 'sell')];
    const { _id } = await operator.createEvent({ totalTickets: 100 });
    const by = (api: Api, userId: string) => api.book(_id, { userId });

    expect(statuses(await inTurn(3, () => by(one, 'ann')))).toEqual([201, 201, 429]);
    // What he was refused has cost the shop nothing.
    expect((await by(one, 'bob')).headers.get('ratelimit')).toMatch(/^"sell-per-user";r=1;/);
    expect((await by(one, 'cyd')).headers.get('ratelimit')).toMatch(/^"sell-per-(user|key)";r=1;/);
    expect(statuses(await inTurn(2, (index) => by(one, `dan ${index}`)))).toEqual([201, 429]);
    expect(statuses(await inTurn(2, () => by(other, 'ann')))).toEqual([201, 201]);
    expect((await by(other, 'bob')).headers.get('ratelimit-policy')).toBe(
      '"sell-per-user";q=2;w=60, "sell-per-key";q=5;w=60',
    );
  });

  it('count users by all of their characters, of which some take two units of UTF-16', async () => {
    await start({ sellPerKey: 5, sellPerUser: 1 });
    const [operator, shop] = [await holder('office', 'operate'), await holder('shop', 'sell')];
    const { _id } = await operator.createEvent({ totalTickets: 100 });
    const users = ['a', 'b', 'a'].map((last) => '🎟'.repeat(127) + last);

    expect(statuses(await inTurn(3, (index) => shop.book(_id, { userId: users[index] })))).toEqual([201, 201, 429]);
  });

  it('count who has no valid key by where he comes from', async () => {
    await start({ readPerIp: 3, readPerKey: 10 });
    const shop = await holder('shop', 'sell');
    expect((await shop.get('/events')).status).toBe(200);
    const tries = await inTurn(4, (index) =>
      running.api.withKey(`tb_${String(index).repeat(24)}${'g'.repeat(43)}`).get('/events'),
    );
    expect(statuses(tries)).toEqual([401, 401, 401, 429]);
    expect((await running.api.get('/events')).status).toBe(429);
    expect((await shop.get('/events')).status).toBe(200);
  });

  describe('and repetitions', () => {
    const keyed = (api: Api, eventId: string, key: string, more = {}) =>
      api.book(eventId, more, { 'idempotency-key': key });

    it('cost nothing twice, one after another', async () => {
      const api = await start({ sellPerIp: 4 });
      const { _id } = await api.createEvent({ totalTickets: 100 });
      const answers = await inTurn(10, () => keyed(api, _id, 'one'));
      expect(statuses(answers)).toEqual(times(10, () => 201));
      expect(statuses(await inTurn(3, (index) => keyed(api, _id, `more ${index}`.replace(' ', '-'))))).toEqual([
        201, 201, 429,
      ]);
      // Even with nothing left, the answer that was paid for is given again.
      expect((await keyed(api, _id, 'one')).headers.get('idempotent-replayed')).toBe('true');
    });

    it('cost nothing twice in parallel', async () => {
      const api = await start({ sellPerIp: 4 });
      const { _id } = await api.createEvent({ totalTickets: 100 });
      const answers = await Promise.all(times(50, () => keyed(api, _id, 'one')));
      expect(new Set(statuses(answers))).toEqual(new Set([201]));
      expect(statuses(await inTurn(3, (index) => keyed(api, _id, `more-${index}`)))).toEqual([201, 201, 429]);
    });

    it('are free only where a repetition gets the first answer again', async () => {
      const api = await start({ readPerIp: 2, sellPerIp: 4 });
      const header = { 'idempotency-key': 'one' };
      expect(statuses(await inTurn(3, () => api.get('/events', header)))).toEqual([200, 200, 429]);
      const { _id } = await api.createEvent();
      const { booking } = (await api.book(_id)).body;
      const transfer = () => api.post(`/bookings/${booking._id}/transfer`, { userId: 'ann' }, header);
      expect(statuses(await inTurn(3, transfer))).toEqual([200, 200, 429]);
    });

    it('of a request that was turned away are turned away', async () => {
      const api = await start({ sellPerIp: 1 });
      const { _id } = await api.createEvent();
      const answers = await Promise.all(times(20, () => keyed(api, _id, 'one')));
      expect(new Set(statuses(answers))).toEqual(new Set([429]));
    });

    it('are free only where they are repetitions: a refusal, or another body, is charged each time', async () => {
      const api = await start({ sellPerIp: 8 });
      const { _id } = await api.createEvent({ totalTickets: 1 });
      expect((await keyed(api, _id, 'one')).status).toBe(201);
      const refused = await inTurn(3, () => keyed(api, _id, 'two'));
      const reused = await inTurn(4, () => keyed(api, _id, 'one', { userId: 'somebody else' }));
      expect(statuses([...refused, ...reused])).toEqual([409, 409, 409, 422, 422, 422, 429]);
    });

    it('are charged in the end where they all were refused', async () => {
      const api = await start({ sellPerIp: 20 });
      const { _id } = await api.createEvent({ totalTickets: 1 });
      expect((await api.book(_id)).status).toBe(201);
      const answers = await Promise.all(times(30, () => keyed(api, _id, 'one')));
      // Those that came together passed on account of the first, and left nothing.
      expect(statuses(answers)).toContain(409);
      expect(statuses(answers).filter((status) => status !== 409 && status !== 429)).toEqual([]);
      expect((await api.book(_id)).status).toBe(429);
    });

    it('cost nothing where another server has booked, once that is known', async () => {
      const api = await start({ sellPerIp: 3 });
      const other = await startApp({ uri: running.uri, config: { sellPerIp: 3 } });
      try {
        const { _id } = await api.createEvent({ totalTickets: 100 });
        expect((await keyed(other.api, _id, 'one')).status).toBe(201);

        const replay = await keyed(api, _id, 'one');

        expect(replay.headers.get('idempotent-replayed')).toBe('true');
        expect(replay.headers.get('ratelimit')).toMatch(/;r=1;/);
        // It was charged before anybody knew, and is refunded after its answer.
        const isRefunded = async () => /;r=2;/.test((await keyed(api, _id, 'one')).headers.get('ratelimit')!);
        await until('the replay is refunded', isRefunded);
        expect(statuses(await inTurn(3, (index) => keyed(api, _id, `more-${index}`)))).toEqual([201, 201, 429]);
      } finally {
        await other.close();
      }
    });

    it('are not paid for by another caller', async () => {
      await start({ sellPerKey: 2 });
      const [one, other] = [await holder('one', 'sell', 'operate'), await holder('other', 'sell')];
      const { _id } = await one.createEvent({ totalTickets: 100 });
      expect((await keyed(one, _id, 'same')).status).toBe(201);
      expect(statuses(await inTurn(2, (index) => keyed(other, _id, index === 0 ? 'same' : 'next')))).toEqual([
        201, 201,
      ]);
      expect((await keyed(other, _id, 'third')).status).toBe(429);
    });
  });

  describe('behind proxies', () => {
    const from = (api: Api, forwarded: string) => api.get('/events', { 'x-forwarded-for': forwarded });
    const asTwo = (api: Api, one: string, other: string) =>
      inTurn(4, (index) => from(api, index % 2 === 0 ? one : other)).then(statuses);

    it('believe nobody unless told', async () => {
      const api = await start({ readPerIp: 2 });
      expect(await asTwo(api, '198.51.100.1', '198.51.100.2')).toEqual([200, 200, 429, 429]);
    });

    it('believe so many hops, from the right: a forged header buys nothing', async () => {
      const api = await start({ readPerIp: 2, trustProxy: 1 });
      expect(await asTwo(api, '198.51.100.1', '198.51.100.2')).toEqual([200, 200, 200, 200]);
      expect(await asTwo(api, '10.9.9.1, 198.51.100.1', '10.9.9.2, 198.51.100.1')).toEqual([429, 429, 429, 429]);
    });

    it('believe proxies that are named', async () => {
      const api = await start({ readPerIp: 2, trustProxy: ['127.0.0.0/8', '10.0.0.1'] });
      expect(await asTwo(api, '198.51.100.1, 10.0.0.1', '198.51.100.2, 10.0.0.1')).toEqual([200, 200, 200, 200]);
      expect(await asTwo(api, '198.51.100.1, 192.0.2.1', '198.51.100.2, 192.0.2.1')).toEqual([200, 200, 429, 429]);
    });

    it('count an IPv6 /64 as one', async () => {
      const api = await start({ readPerIp: 2, trustProxy: 1 });
      expect(await asTwo(api, '2001:db8:1:2::1', '2001:db8:1:2:ffff::2')).toEqual([200, 200, 429, 429]);
      expect((await from(api, '2001:db8:1:3::1')).status).toBe(200);
    });
  });
});
