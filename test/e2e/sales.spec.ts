import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { HoldPulse } from '../../src/holds/index.js';
import { expectProblem } from '../support/expect-problem.js';
import { profile } from '../support/profile.js';
import { SkippingClock, withSkippingClock } from '../support/skipping-clock.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const NOBODY = '0'.repeat(24);
const NONE = { booked: 0, confirmed: 0, cancelled: 0, held: 0, released: 0, expired: 0, imported: 0 };

interface Bucket {
  readonly at: string;
  readonly totalTickets: number;
  readonly availableTickets: number;
  readonly heldTickets: number;
  readonly soldTickets: number;
}

describe('GET /events/:id/sales', () => {
  let running: RunningApp;
  let other: RunningApp;
  beforeAll(async () => {
    running = await startApp({ override: withSkippingClock() });
    other = await startApp({ uri: running.uri, override: running.override });
  });
  afterAll(async () => {
    await other.close();
    await running.close();
  });

  const read = (id: string, query: Record<string, string> = {}, { api } = running) =>
    api.get(`/events/${id}/sales?${new URLSearchParams(query).toString()}`);
  const patch = (id: string, body: unknown) => running.api.request('PATCH', `/events/${id}`, body, { 'if-match': '*' });
  const wait = (seconds: number) => SkippingClock.of(running).skip(seconds);
  const isoNow = () => SkippingClock.of(running).now().toISOString();
  const countsOf = ({ totalTickets, availableTickets, heldTickets, soldTickets }: Bucket) => {
    return [totalTickets, availableTickets, heldTickets, soldTickets];
  };
  const insertEvent = async (record: object, movements: readonly { at: Date; lines: object[] }[] = []) => {
    const { _id } = await running.api.createEvent({ totalTickets: 5 });
    const eventId = new mongo.ObjectId(_id as string);
    await running.db.collection('events').updateOne({ _id: eventId }, { $set: record });
    await running.db.collection('movements').deleteMany({ eventId });
    const documents = movements.map((movement, index) => ({ eventId, revision: index + 1, ...movement }));
    if (documents.length > 0) await running.db.collection('movements').insertMany(documents);
    return _id as string;
  };

  it('says how each bucket ended, and what moved in it: holds, their ends, cancellations and edits too', async () => {
    const { api } = running;
    const event = await api.createEvent({ sections: ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 10 })) });
    const [stalls, balcony] = event.sections.map(({ _id }: { _id: string }) => _id);
    const from = isoNow();
    const hour = async (work: () => Promise<unknown>) => {
      wait(1_800);
      await work();
      wait(1_800);
    };
    const holds: string[] = [];
    const hold = async (quantity: number, sectionId: string) =>
      holds.push((await api.hold(event._id, { quantity, sectionId, ttlSeconds: 3_600 })).body.hold._id);
    let booking = '';
    await hour(async () => {
      const { body } = await api.book(event._id, { quantity: 4, sectionId: stalls });
      booking = body.booking._id;
      await api.book(event._id, {
        items: [
          { sectionId: stalls, quantity: 1 },
          { sectionId: balcony, quantity: 2 },
        ],
      });
    });
    await hour(async () => {
      for (const quantity of [3, 1, 2]) await hold(quantity, balcony);
      await api.post(`/holds/${holds[0]}/confirm`, { quantity: 2 });
      await api.post(`/holds/${holds[1]}/release`);
    });
    await hour(() => Promise.resolve());
    await hour(async () => {
      await running.app.get(HoldPulse).settleSome();
      await api.post(`/bookings/${booking}/cancel`, { quantity: 3 }, { 'idempotency-key': 'part' });
      await patch(event._id, { sections: [{ _id: stalls, capacity: 15 }] });
      await api.post(`/bookings/${booking}/transfer`, { userId: 'ann' });
    });
    const to = isoNow();

    const { status, body, headers } = await read(event._id, { from, to, step: '3600' });

    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    const { buckets, ...rest } = body;
    const { revision } = (await api.get(`/events/${event._id}`)).body.event;
    expect(rest).toEqual({ success: true, eventId: event._id, revision, from, to, step: 3_600 });
    // The tests themselves take time: what is left of the last hour is a bucket, too.
    expect(buckets.slice(0, 4)).toEqual(
      [
        { ...NONE, ...state(20, 13, 0, 7), booked: 7 },
        { ...NONE, ...state(20, 9, 2, 9), held: 6, confirmed: 2, released: 2 },
        { ...NONE, ...state(20, 9, 2, 9) },
        { ...NONE, ...state(25, 19, 0, 6), expired: 2, cancelled: 3 },
      ].map((bucket, index) => ({ ...bucket, at: atOf(from, (index + 1) * 3_600) })),
    );
    expect(buckets.slice(4)).toEqual([{ ...NONE, ...state(25, 19, 0, 6), at: to }]);
  });

  it('ends now by default and at the latest, with the counts of the event, and begins with the event or its sale', async () => {
    const event = await running.api.createEvent({ totalTickets: 10 });
    wait(1_000);
    await running.api.book(event._id, { quantity: 2 });
    const { body } = await read(event._id);
    expect(body.from).toBe(event.createdAt);
    expect(body.step).toBe(5);
    expect(body.buckets).toHaveLength(Math.ceil((Date.parse(body.to) - Date.parse(body.from)) / 5_000));
    expect(body.buckets.at(-1)).toMatchObject({ at: body.to, ...state(10, 8, 0, 2) });

    const late = await read(event._id, { to: '2999-01-01T00:00:00Z', step: '100' });
    expect(late.body.to < isoNow() || late.body.to === isoNow()).toBe(true);
    expect(late.body.buckets.at(-1)).toMatchObject({ at: late.body.to, ...state(10, 8, 0, 2) });

    const opened = new Date(Date.parse(event.createdAt) + 500_000).toISOString();
    await patch(event._id, { salesStartAt: opened });
    expect((await read(event._id)).body.from).toBe(opened);
    await patch(event._id, { salesStartAt: '2999-01-01T00:00:00Z' });
    expect((await read(event._id)).body.from).toBe(event.createdAt);
    const fresh = await running.api.createEvent();
    expect((await read(fresh._id)).body.buckets.at(-1)).toMatchObject(state(10, 10, 0, 0));
  });

  it('has a bucket with its end, but without its beginning, and the last one may be shorter', async () => {
    const at = (second: number) => new Date(Date.parse('2020-01-01T00:00:00Z') + second * 1_000);
    const lines = (kind: string, quantity: number) => [{ kind, quantity }];
    const id = await insertEvent({ totalTickets: 100, availableTickets: 90, soldTickets: 10, revision: 9 }, [
      { at: at(0), lines: lines('opened', 100) },
      { at: at(10), lines: lines('booked', 1) },
      { at: at(20), lines: lines('booked', 2) },
      { at: at(20.001), lines: lines('booked', 3) },
      { at: at(25), lines: lines('booked', 4) },
    ]);
    const range = { from: at(10).toISOString(), to: at(25).toISOString(), step: '10' };
    expect((await read(id, range)).body.buckets).toEqual([
      { at: at(20).toISOString(), ...state(100, 97, 0, 3), ...NONE, booked: 2 },
      { at: at(25).toISOString(), ...state(100, 90, 0, 10), ...NONE, booked: 7 },
    ]);
    const before = { from: at(-30).toISOString(), to: at(10).toISOString(), step: '20' };
    expect((await read(id, before)).body.buckets.map(countsOf)).toEqual([
      [0, 0, 0, 0],
      [100, 99, 0, 1],
    ]);
  });

  it('counts movements whose times are out of order, and revisions without one', async () => {
    const start = Date.parse('2020-01-01T00:00:00Z');
    // One a second, each up to 20 s too early or too late; every third revision has moved nothing.
    const movements = Array.from({ length: 600 }, (_, index) => ({
      revision: 1 + index * 3,
      at: new Date(start + index * 1_000 + ((index * 7_919) % 41) * 1_000 - 20_000),
      lines: [index === 0 ? { kind: 'opened', quantity: 1_000 } : { kind: 'booked', quantity: 1 }],
    }));
    const counts = { totalTickets: 1_000, availableTickets: 401, soldTickets: 599, revision: 2_000 };
    const id = await insertEvent(counts, movements);
    for (const [from, to] of [
      [100, 200],
      [0, 600],
      [590, 1_000],
      [650, 700],
    ] as const) {
      const range = { from: new Date(start + from * 1_000), to: new Date(start + to * 1_000) };
      const { body } = await read(id, { from: range.from.toISOString(), to: range.to.toISOString(), step: '10' });
      expect(body.buckets).toHaveLength((to - from) / 10);
      for (const { at, soldTickets, booked } of body.buckets) {
        const until = (time: number) => movements.slice(1).filter((movement) => movement.at.getTime() <= time).length;
        const end = Date.parse(at);
        expect([at, soldTickets, booked]).toEqual([at, until(end), until(end) - until(end - 10_000)]);
      }
    }
  });

  it('counts a movement that another clock puts after now in the last bucket', async () => {
    const { _id } = await running.api.createEvent({ totalTickets: 10 });
    wait(100);
    await running.api.book(_id);
    const ofEvent = { eventId: new mongo.ObjectId(_id as string), revision: 2 };
    const at = new Date(Date.parse(isoNow()) + 3_600_000);
    await running.db.collection('movements').updateOne(ofEvent, { $set: { at } });
    const { body } = await read(_id, { step: '10' });
    expect(body.buckets.at(-1)).toMatchObject({ ...state(10, 9, 0, 1), booked: 1 });
  });

  it('shows what was sold before a takeover as imported', async () => {
    const at = new Date('2020-01-01T00:00:00Z');
    const id = await insertEvent({ totalTickets: 5, availableTickets: 2, soldTickets: 3, revision: 2 }, [
      {
        at,
        lines: [
          { kind: 'opened', quantity: 5 },
          { kind: 'imported', quantity: 3 },
        ],
      },
    ]);
    const { body } = await read(id, { from: '2019-12-31T00:00:00Z', to: '2020-01-02T00:00:00Z', step: '86400' });
    expect(body.buckets).toEqual([
      { at: '2020-01-01T00:00:00.000Z', ...state(5, 2, 0, 3), ...NONE, imported: 3 },
      { at: '2020-01-02T00:00:00.000Z', ...state(5, 2, 0, 3), ...NONE },
    ]);
  });

  it('has at most 500 buckets, and says which step is long enough', async () => {
    const { _id } = await running.api.createEvent();
    const range = { from: '2020-01-01T00:00:00Z', to: '2020-01-01T00:16:40Z' };
    expect((await read(_id, { ...range, step: '2' })).body.buckets).toHaveLength(500);
    const answer = await read(_id, { ...range, step: '1' });
    expectProblem(answer, 400, 'validation_failed');
    expect(answer.body.errors).toEqual([
      { pointer: '#/step', message: expect.stringMatching(/1000 buckets.*500.*at least 2$/) },
    ]);
    const years = await read(_id, { from: '0000-01-01T00:00:00Z' });
    expect(years.body.step % 86_400).toBe(0);
    expect(years.body.buckets.length).toBeLessThanOrEqual(500);
    expect((await read(_id, { from: '0000-01-01T00:00:00Z', step: String(years.body.step) })).status).toBe(200);
  });

  it.each([
    'from=2020-01-01',
    'from=yesterday',
    'to=2020-01-01T00:00:00',
    'from=2020-01-01T00:00:00Z&to=2020-01-01T00:00:00Z',
    'from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z',
    'to=2020-01-01T00:00:00Z',
    'from=2999-01-01T00:00:00Z',
    'step=0',
    'step=-1',
    'step=1.5',
    'step=1e3',
    'step=01',
    'step=864000001',
    'step=',
    'step=minute',
    'limit=5',
    'step=5&step=6',
    'from[$gt]=2020-01-01T00:00:00Z',
  ])('refuses %s', async (query) => {
    const { _id } = await running.api.createEvent();
    expectProblem(await running.api.get(`/events/${_id}/sales?${query}`), 400, 'validation_failed');
  });

  it('is a 404 for an event that never was or is deleted, and a 400 for what is no id', async () => {
    const { _id } = await running.api.createEvent();
    await running.api.request('DELETE', `/events/${_id}`);
    for (const id of [NOBODY, _id]) expectProblem(await read(id), 404, 'event_not_found');
    expectProblem(await read('x'), 400, 'validation_failed');
  });

  it('says the same on every instance, to an id in capitals too', async () => {
    const { _id } = await running.api.createEvent();
    wait(60);
    await running.api.book(_id, { quantity: 2 });
    wait(60);
    const range = { from: new Date(Date.parse(isoNow()) - 200_000).toISOString(), to: isoNow(), step: '7' };
    const { body } = await read(_id, range);
    expect((await read(_id, range, other)).body).toEqual(body);
    expect((await read(_id.toUpperCase(), range)).body).toEqual(body);
    expect(body.buckets).toHaveLength(29);
  });

  it('reads only the movements of its time, by the index of revisions', async () => {
    const start = Date.parse('2020-01-01T00:00:00Z');
    const movements = Array.from({ length: 5_000 }, (_, index) => ({
      at: new Date(start + index * 60_000),
      lines: [index === 0 ? { kind: 'opened', quantity: 5_000 } : { kind: 'booked', quantity: 1 }],
    }));
    const counts = { totalTickets: 5_000, availableTickets: 1, soldTickets: 4_999, revision: 5_000 };
    const id = await insertEvent(counts, movements);
    const from = new Date(start + 4_900 * 60_000).toISOString();

    const commands = await profile(running.db, async () => {
      const { body } = await read(id, { from, to: '2020-01-05T00:00:00Z' });
      expect(body.buckets.at(-1)).toMatchObject(state(5_000, 1, 0, 4_999));
    });

    const ofMovements = commands.filter(({ command }) => command['aggregate'] === 'movements');
    for (const { planSummary, hasSortStage } of ofMovements) {
      expect([planSummary, hasSortStage]).toEqual(['IXSCAN { eventId: 1, revision: 1 }', undefined]);
    }
    // A search by halves, and then about the last 100.
    const examined = ofMovements.map(({ docsExamined = 0 }) => docsExamined);
    expect(examined.slice(0, -1).every((documents) => documents <= 1)).toBe(true);
    expect(examined.length).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(5_001)));
    expect(examined.at(-1)).toBeGreaterThanOrEqual(99);
    expect(examined.at(-1)).toBeLessThanOrEqual(102);
  });
});

function state(totalTickets: number, availableTickets: number, heldTickets: number, soldTickets: number) {
  return { totalTickets, availableTickets, heldTickets, soldTickets };
}

function atOf(from: string, seconds: number): string {
  return new Date(Date.parse(from) + seconds * 1_000).toISOString();
}
