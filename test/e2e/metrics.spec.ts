import { afterEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { readFileSync } from 'node:fs';
import { freePort } from '../../scripts/support/free-port.js';
import { RecountLoop } from '../../src/integrity/index.js';
import { ApiKeysService } from '../../src/platform/auth/index.js';
import { Api } from '../support/api.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

/** The samples of Prometheus' text format: value by name and labels, as they stand. */
function parse(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('GET /metrics', () => {
  let running: RunningApp;
  afterEach(() => running.close());
  const start = async (options: AppOptions = {}) => (running = await startApp(options)).api;
  const read = async (api: Api) => parse((await api.get('/metrics')).body as string);

  it('counts what becomes of commands, and the tickets', async () => {
    const api = await start();
    const event = await api.createEvent({ totalTickets: 5, maxTicketsPerUser: 4 });
    const key = { 'idempotency-key': 'one' };
    const booked = await api.book(event._id, { quantity: 3 }, key);
    await api.book(event._id, { quantity: 3 }, key);
    await api.book(event._id, { quantity: 3, userId: 'bob' });
    await api.book(event._id, { quantity: 2 });
    await api.post(`/bookings/${booked.body.booking._id}/cancel`);
    await api.get(`/events/${event._id}`);
    const held = await api.hold(event._id, { quantity: 2, userId: 'eve' });
    for (let time = 0; time < 2; time++) await api.post(`/holds/${held.body.hold._id}/confirm`);
    const released = await api.hold((await api.createEvent())._id);
    for (let time = 0; time < 2; time++) await api.post(`/holds/${released.body.hold._id}/release`);

    const metrics = await read(api);
    expect(Object.fromEntries(metrics)).toMatchObject({
      'booking_commands_total{command="hold",code="done"}': 2,
      'holds_total{outcome="created"}': 2,
      'holds_total{outcome="confirmed"}': 1,
      'holds_total{outcome="confirmed_late"}': 0,
      'holds_total{outcome="released"}': 1,
      'holds_total{outcome="expired"}': 0,
      holds_refunds_due: 0,
      'booking_commands_total{command="confirmHold",code="done"}': 2,
      'booking_commands_total{command="book",code="done"}': 1,
      'booking_commands_total{command="book",code="replayed"}': 1,
      'booking_commands_total{command="book",code="not_enough_tickets"}': 1,
      'booking_commands_total{command="book",code="user_limit_reached"}': 1,
      'booking_commands_total{command="cancel",code="done"}': 1,
      booking_tickets_sold_total: 5,
      booking_tickets_returned_total: 3,
      booking_lane_waiting: 0,
      booking_lane_oldest_wait_seconds: 0,
      'http_request_duration_seconds_count{method="POST",route="/book",status="201"}': 2,
      'http_request_duration_seconds_count{method="GET",route="/events/:id",status="200"}': 1,
      http_requests_in_flight: 0,
      events_on_sale: 2,
      mongodb_up: 1,
      mongodb_majority_lag_seconds: expect.any(Number),
      mongodb_pool_waiting: 0,
    });
    expect(metrics.get('event_committed_reads_total')).toBeGreaterThanOrEqual(2);
    expect(metrics.get('booking_transactions_total{result="committed"}')).toBeGreaterThanOrEqual(5);
    expect(metrics.get('booking_transaction_duration_seconds_count')).toBe(
      metrics.get('booking_transaction_commands_count'),
    );
  });

  it('counts holds that end beside other commands, and those that are bought late', async () => {
    const api = await start();
    const event = await api.createEvent({ totalTickets: 3 });
    const holds = [await api.hold(event._id, { ttlSeconds: 1 }), await api.hold(event._id, { ttlSeconds: 1 })];
    const [first, second] = holds.map(({ body }) => `/holds/${body.hold._id}`);
    await until('the end of the holds', async () => (await api.get(second!)).body.hold.status === 'expired');
    await api.book(event._id);
    expect((await api.post(`${first}/confirm`)).status).toBe(201);
    expect(Object.fromEntries(await read(api))).toMatchObject({
      'holds_total{outcome="created"}': 2,
      'holds_total{outcome="expired"}': 2,
      'holds_total{outcome="confirmed_late"}': 1,
      'holds_total{outcome="confirmed"}': 0,
    });
  });

  it('has few series, whatever callers send: no ids, no paths, no users', async () => {
    const api = await start();
    const before = (await read(api)).size;
    for (let index = 0; index < 50; index++) {
      await api.get(`/nowhere/${index}`);
      await api.get(`/events/${String(index).padStart(24, '0')}`);
      await api.request('PURGE', `/events?user=${index}`).catch(() => undefined);
      await api.book(String(index).padStart(24, '0'), { userId: `secret-${index}` });
    }
    const { body } = await api.get('/metrics');
    expect((parse(body as string).size - before) / 13).toBeLessThan(8);
    expect(body).not.toMatch(/secret|nowhere|0{20}/);
  });

  it('follows the conventions, and is what docs/metrics.md lists', async () => {
    const api = await start();
    const text = (await api.get('/metrics')).body as string;
    const metrics = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({
      name: name!,
      type: type!,
    }));
    const own = metrics.filter(({ name }) => !/^(process|nodejs)_/.test(name));
    for (const { name, type } of own) {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect({ name, isCounter: name.endsWith('_total') }).toEqual({ name, isCounter: type === 'counter' });
      expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.*\\.$`, 'm'));
    }
    const documented = [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual(own.map(({ name }) => name).sort());
  });

  it('counts who is limited', async () => {
    const api = await start({ config: { readPerIp: 2 } });
    for (let index = 0; index < 3; index++) await api.get('/events');
    const text = await running.app.get((await import('prom-client')).Registry).metrics();
    expect(parse(text).get('rate_limited_requests_total{policy="read-per-ip"}')).toBe(1);
  });

  it('is for keys that operate', async () => {
    const api = await start();
    const keys = running.app.get(ApiKeysService);
    const [seller, operator] = [await keys.create('shop', ['sell']), await keys.create('office', ['operate'])];
    expect((await api.withKey(seller.token).get('/metrics')).status).toBe(403);
    const answer = await api.withKey(operator.token).get('/metrics');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
  });

  it('moves to METRICS_PORT where one is named', async () => {
    const metricsPort = await freePort();
    const api = await start({ config: { metricsPort } });
    expect((await api.get('/metrics')).status).toBe(404);
    const other = new Api(`http://127.0.0.1:${metricsPort}`);
    expect((await read(other)).get('mongodb_up')).toBe(1);
    expect((await other.get('/events')).status).toBe(404);
  });

  it('tells of books that do not balance, and of their balancing again', async () => {
    const logLines: string[] = [];
    const api = await start({ logLines });
    const events = [await api.createEvent(), await api.createEvent(), await api.createEvent()];
    const bookings = running.db.collection('bookings');
    const _id = new mongo.ObjectId((await api.book(events[1]._id)).body.booking._id as string);
    const lost = (await bookings.findOne({ _id }))!;
    const watch = running.app.get(RecountLoop);
    const unbalanced = async () => (await read(api)).get('integrity_unbalanced_events');

    await watch.recountSome();
    expect(await unbalanced()).toBe(0);
    await bookings.deleteOne({ _id });
    await watch.recountSome();
    await watch.recountSome();
    expect(await unbalanced()).toBe(1);
    const told = logLines.filter((line) => line.includes('do not balance'));
    expect(told).toEqual([expect.stringContaining(events[1]._id as string)]);
    await bookings.insertOne(lost);
    await watch.recountSome();
    await watch.recountSome();
    expect(await unbalanced()).toBe(0);
    expect((await read(api)).get('integrity_recounts_total{result="unbalanced"}')).toBe(1);
  });

  it('tells of books that can not be read, and recounts the others all the same', async () => {
    const logLines: string[] = [];
    const api = await start({ logLines });
    const [before, unreadable, after] = [await api.createEvent(), await api.createEvent(), await api.createEvent()];
    const events = running.db.collection<{ _id: mongo.ObjectId | string }>('events');
    const _id = new mongo.ObjectId(unreadable._id as string);
    await events.updateOne({ _id }, { $set: { sections: 'none' } }, { bypassDocumentValidation: true });
    await events.insertOne({ _id: 'by hand' }, { bypassDocumentValidation: true });
    for (const { _id } of [before, after]) {
      const half = { $inc: { soldTickets: 1 } };
      await events.updateOne({ _id: new mongo.ObjectId(_id as string) }, half, { bypassDocumentValidation: true });
    }
    const watch = running.app.get(RecountLoop);
    for (let time = 0; time < 3; time++) await watch.recountSome();

    expect((await read(api)).get('integrity_unbalanced_events')).toBe(2);
    expect((await read(api)).get('integrity_recounts_total{result="failed"}')).toBe(2);
    expect(logLines.some((line) => line.includes('can not be recounted') && line.includes(_id.toHexString()))).toBe(
      true,
    );
  });
});
