import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { profile } from '../support/profile.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const EVENTS = 10_000;
const STATUSES = ['draft', 'on_sale', 'paused', 'ended', 'cancelled'];
const DAY_MS = 86_400_000;
const FIRST = Date.parse('2030-01-01T00:00:00Z');

describe('a search in 10,000 events', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
    const { _id } = await running.api.createEvent({ totalTickets: 5 });
    const events = running.db.collection('events');
    const template = (await events.findOneAndDelete({ _id: new mongo.ObjectId(_id as string) }))!;
    const records = Array.from({ length: EVENTS }, (_, index) => ({
      ...template,
      _id: new mongo.ObjectId(),
      // Names and dates in an order of their own; every tenth event has no date.
      name: `${index % 2 ? 'show' : 'SHOW'} ${((index * 7_919) % EVENTS).toString().padStart(5, '0')}`,
      status: STATUSES[Math.floor(index / 3) % STATUSES.length],
      createdAt: new Date(Date.now() - index * 1_000),
      ...(index % 10 !== 0 && { startsAt: new Date(FIRST + ((index * 31) % 1_000) * DAY_MS) }),
    }));
    await events.insertMany(records);
  });
  afterAll(() => running.close());

  /** How MongoDB read a page, and the page after it. */
  const explained = async (query: string) => {
    const commands = await profile(running.db, async () => {
      const first = await running.api.get(`/events?${query}`);
      const { status } = await running.api.get(`/events?${query}&cursor=${first.body.nextCursor}`);
      expect([first.status, status]).toEqual([200, 200]);
    });
    return commands.filter(({ command }) => command['find'] === 'events');
  };
  const day = (number: number) => new Date(FIRST + number * DAY_MS).toISOString();

  const orders: [string, RegExp][] = [
    ['sort=startsAt', /^IXSCAN \{ startsAt: 1, _id: 1 \}/],
    ['sort=name', /^IXSCAN \{ name: 1, _id: 1 \}/],
    ['sort=newest', /^IXSCAN \{ createdAt: -1, _id: -1 \}/],
    ['', /^IXSCAN \{ createdAt: -1, _id: -1 \}/],
  ];
  const filters = ['', 'status=ended', 'status=on_sale', 'available=true', 'name=show', 'name=show&available=true'];
  const all = orders.flatMap(([order, plan]) =>
    filters.map((filter) => ({ query: `${filter}&${order}&limit=20`, plan })),
  );

  it.each(all)('goes by the index of its order and sorts nothing: $query', async ({ query, plan }) => {
    const commands = await explained(query);
    expect(commands).toHaveLength(2);
    for (const { planSummary, hasSortStage, docsExamined } of commands) {
      expect([planSummary, hasSortStage]).toEqual([expect.stringMatching(plan), undefined]);
      // One of five events has the status; a page after a cursor is found in two ranges.
      expect(docsExamined).toBeLessThan(20 * 5 * 3);
    }
  });

  it.each(['', 'available=true', 'status=ended'])('reads only the dates that it is asked for: %s', async (filter) => {
    const dates = `startsFrom=${day(500)}&startsTo=${day(600)}`;
    const commands = await explained(`${filter}&${dates}&sort=startsAt&limit=20`);
    expect(commands).toHaveLength(2);
    for (const { planSummary, hasSortStage, docsExamined } of commands) {
      expect([planSummary, hasSortStage]).toEqual([
        expect.stringMatching(/^IXSCAN \{ startsAt: 1, _id: 1 \}/),
        undefined,
      ]);
      expect(docsExamined).toBeLessThan(20 * 5 * 3);
    }
  });

  it.each(['startsAt', 'name', 'newest'])('finds a rare name without a sort, by %s', async (sort) => {
    const commands = await profile(running.db, async () => {
      const { body } = await running.api.get(`/events?name=w+00042&sort=${sort}`);
      expect(body.events.map(({ name }: { name: string }) => name.toLowerCase())).toEqual(['show 00042']);
    });
    const [find] = commands.filter(({ command }) => command['find'] === 'events');
    expect(find).not.toHaveProperty('hasSortStage');
    expect(find?.planSummary).toMatch(/^IXSCAN/);
  });

  it.each(['startsAt', 'name'])('gives every event once, by %s', async (sort) => {
    const seen: { _id: string; name: string; startsAt?: string }[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await running.api.get(`/events?limit=100&sort=${sort}${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.body.events);
      cursor = page.body.nextCursor;
    }
    expect(new Set(seen.map(({ _id }) => _id)).size).toBe(EVENTS);
    const keys = seen.map(({ name, startsAt = '' }) => (sort === 'name' ? name.toLowerCase() : startsAt));
    expect(keys).toEqual(keys.toSorted());
  });

  it('keeps the two indexes out of a sale: a booking changes no key of them', async () => {
    const { _id } = await running.api.createEvent({ totalTickets: 50 });
    const changed = async (work: () => Promise<unknown>) => {
      const commands = await profile(running.db, work);
      const updates = commands.filter(({ op, ns }) => op === 'update' && ns.endsWith('.events'));
      return updates.map((update) => (update as { keysInserted?: number }).keysInserted ?? 0);
    };
    const sale = await changed(async () => {
      const { body } = await running.api.book(_id);
      await running.api.post(`/bookings/${body.booking._id}/cancel`);
    });
    const patch = { name: 'Other', startsAt: '2030-01-01T00:00:00Z' };
    const edit = await changed(() => running.api.request('PATCH', `/events/${_id}`, patch, { 'if-match': '*' }));
    await running.db.collection('events').deleteOne({ _id: new mongo.ObjectId(_id as string) });
    expect([sale, edit]).toEqual([[0, 0], [2]]);
  });
});
