import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mongo } from 'mongoose';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const SORTS = ['newest', 'startsAt', 'name'];

interface Listed {
  readonly _id: string;
  readonly name: string;
  readonly status: string;
  readonly startsAt?: string;
  readonly availableTickets: number;
}

describe('GET /events', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());
  beforeEach(() => running.db.collection('events').deleteMany({}));

  const create = (name: string, more: object = {}) => running.api.createEvent({ name, totalTickets: 5, ...more });
  const queryOf = (query: Record<string, string>) => new URLSearchParams(query).toString();
  const list = (query: Record<string, string>) => running.api.get(`/events?${queryOf(query)}`);
  /** All events of all pages, by the links. */
  const walk = async (query: Record<string, string>, between: () => Promise<unknown> = () => Promise.resolve()) => {
    const events: Listed[] = [];
    for (let path: string | undefined = `/events?${queryOf(query)}`; path !== undefined;) {
      const { status, body, headers } = await running.api.get(path);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-cache']);
      events.push(...body.events);
      path = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      await between();
    }
    return events;
  };
  const namesOf = async (query: Record<string, string>) => (await walk(query)).map(({ name }) => name);

  it.each([
    ['ing', ['King Lear', 'SWINGING']],
    ['KING', ['King Lear']],
    ['été', ['L’ÉTÉ']],
    ['l’Été', ['L’ÉTÉ']],
    ['100 %', ['100 % Jazz (live)']],
    ['z (live', ['100 % Jazz (live)']],
    ['.', ['a.b+c*d?[e]{f}|^$\\']],
    ['a.b+c*d?[e]{f}|^$\\', ['a.b+c*d?[e]{f}|^$\\']],
    ['🎟', ['🎟️ Gala']],
    ['.*', []],
    ['^', ['a.b+c*d?[e]{f}|^$\\']],
    ['(?i)king', []],
    ['\\d', []],
    ['#', []],
  ])('finds the names that contain %j, whatever the case and whatever it means elsewhere', async (name, found) => {
    for (const each of ['King Lear', 'SWINGING', 'L’ÉTÉ', '100 % Jazz (live)', 'a.b+c*d?[e]{f}|^$\\', '🎟️ Gala']) {
      await create(each);
    }
    for (const sort of SORTS) expect((await namesOf({ name, sort })).sort()).toEqual([...found].sort());
  });

  it('finds a longest name by all of it', async () => {
    const name = '🎟'.repeat(200);
    for (const each of [name, 'Other']) await create(each);
    expect(await namesOf({ name })).toEqual([name]);
    expect(await namesOf({ sort: 'name', limit: '1' })).toHaveLength(2);
  });

  it('filters by status', async () => {
    for (const status of ['draft', 'on_sale', 'paused', 'ended', 'cancelled']) {
      await create(status, { status });
    }
    for (const sort of SORTS) {
      for (const status of ['draft', 'on_sale', 'paused', 'ended', 'cancelled']) {
        expect(await namesOf({ status, sort })).toEqual([status]);
        const available = status === 'on_sale' ? [status] : [];
        expect(await namesOf({ status, sort, available: 'true' })).toEqual(available);
      }
    }
  });

  it('filters by date: from is included, to is not', async () => {
    for (const day of ['01', '02', '03']) await create(day, { startsAt: `2030-01-${day}T20:00:00Z` });
    await create('undated');
    const at = (day: string) => `2030-01-${day}T20:00:00Z`;
    for (const sort of SORTS) {
      const days = async (query: Record<string, string>) => (await namesOf({ ...query, sort })).sort();
      expect(await days({ startsFrom: at('02') })).toEqual(['02', '03']);
      expect(await days({ startsTo: at('02') })).toEqual(['01']);
      expect(await days({ startsFrom: at('01'), startsTo: at('03') })).toEqual(['01', '02']);
      expect(await days({ startsFrom: '2030-01-02T22:00:00+02:00', startsTo: at('03') })).toEqual(['02']);
      expect(await days({ startsFrom: at('01'), startsTo: at('03'), limit: '1' })).toEqual(['01', '02']);
    }
  });

  it('sorts by date: those without one first, then the soonest', async () => {
    for (const [name, startsAt] of [
      ['b', '2030-01-02T20:00:00Z'],
      ['x', undefined],
      ['c', '2030-01-02T20:00:00Z'],
      ['a', '2029-01-01T20:00:00Z'],
      ['y', undefined],
      ['old', '0001-01-01T00:00:00Z'],
    ] as const) {
      await create(name, startsAt === undefined ? {} : { startsAt });
    }
    await running.db.collection('events').updateOne({ name: 'y' }, { $set: { startsAt: null } });
    for (const limit of ['1', '2', '3', '100']) {
      expect(await namesOf({ sort: 'startsAt', limit })).toEqual(['x', 'y', 'old', 'a', 'b', 'c']);
    }
  });

  it('sorts by name, from A to Z in any case, and by the ids of equal names', async () => {
    for (const name of ['b', 'a', 'Zoo', 'B', 'Élan', 'A', 'a', 'zoo']) await create(name);
    for (const limit of ['1', '2', '3', '100']) {
      expect(await namesOf({ sort: 'name', limit })).toEqual(['a', 'A', 'a', 'b', 'B', 'Élan', 'Zoo', 'zoo']);
    }
  });

  it('says the same for any query as a search in all events does, page by page', async () => {
    const { _id } = await create('Template');
    const events = running.db.collection('events');
    const template = (await events.findOne({ _id: new mongo.ObjectId(_id as string) }))!;
    const record = fc.record({
      name: fc.constantFrom('Rock', 'rock', 'Jazz', 'ROCK & Jazz'),
      status: fc.constantFrom('draft', 'on_sale', 'paused'),
      day: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      soldTickets: fc.constantFrom(0, 5),
    });
    const query = fc.record(
      {
        name: fc.constantFrom('rock', 'K &', 'Jazz', 'none'),
        status: fc.constantFrom('draft', 'on_sale'),
        available: fc.constantFrom('true', 'false'),
        startsFrom: fc.constantFrom('2030-01-02T00:00:00Z', '2030-01-03T00:00:00Z'),
        startsTo: fc.constantFrom('2030-01-04T00:00:00Z', '2030-01-05T00:00:00Z'),
        sort: fc.constantFrom(...SORTS),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 12 }),
        fc.array(query, { minLength: 3, maxLength: 3 }),
        async (records, queries) => {
          await events.deleteMany({});
          const dateOf = (day: number | undefined) => day && { startsAt: new Date(`2030-01-0${day}T00:00:00Z`) };
          await events.insertMany(
            records.map(({ name, status, day, soldTickets }) => ({
              ...template,
              _id: new mongo.ObjectId(),
              ...{ name, status, soldTickets, availableTickets: 5 - soldTickets },
              ...dateOf(day),
            })),
          );
          const all = await walk({});
          for (const wanted of queries) {
            const found = await walk({ limit: '2', ...wanted });
            expect(found).toEqual(search(all, wanted));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each(SORTS)('neither skips nor repeats an event while others are made between the pages, by %s', async (sort) => {
    const names = Array.from({ length: 7 }, (_, index) => `event ${index}`);
    for (const [index, name] of names.entries()) await create(name, { startsAt: `2030-01-0${index + 1}T00:00:00Z` });
    const seen = await walk({ sort, limit: '2' }, () => create('a new one', { startsAt: '2030-01-04T00:00:00Z' }));
    expect(seen.map(({ name }) => name).filter((name) => names.includes(name))).toEqual(
      sort === 'newest' ? names.toReversed() : names,
    );
  });

  it('takes a cursor only for the very filters and order that it was made for', async () => {
    for (const name of ['one', 'two']) await create(name, { startsAt: '2030-01-01T00:00:00Z' });
    const filters = {
      ...{ available: 'true', name: 'o', status: 'on_sale' },
      ...{ startsFrom: '2030-01-01T00:00:00Z', startsTo: '2031-01-01T00:00:00Z' },
    };
    const queries: Record<string, string>[] = [
      ...SORTS.map((sort) => ({ sort })),
      ...SORTS.map((sort) => ({ sort, ...filters })),
      ...Object.entries(filters).map(([name, value]) => ({ [name]: value })),
      { name: 'o&status=on_sale' },
    ];
    const cursors = [];
    for (const query of queries) cursors.push((await list({ ...query, limit: '1' })).body.nextCursor as string | null);
    expect(cursors.slice(0, -1).every((cursor) => cursor !== null)).toBe(true);
    for (const [index, query] of queries.entries()) {
      for (const [other, cursor] of cursors.entries()) {
        if (cursor === null) continue;
        const answer = await list({ ...query, limit: '1', cursor });
        if (index === other) expect(answer.status).toBe(200);
        else expectProblem(answer, 400, 'validation_failed');
      }
    }
    // The same moment, and the default, said in another way.
    const cursor = cursors[6 + 3]!;
    expect((await list({ startsFrom: '2030-01-01T01:00:00+01:00', cursor })).status).toBe(200);
    expect((await list({ cursor: cursors[0]! })).status).toBe(200);
  });

  it('refuses a cursor of which any character is another', async () => {
    for (const name of ['one', 'two']) await create(name);
    for (const sort of SORTS) {
      const { nextCursor } = (await list({ sort, limit: '1' })).body;
      for (let index = 0; index < nextCursor.length; index += 5) {
        const other = nextCursor[index] === 'A' ? 'B' : 'A';
        const cursor = nextCursor.slice(0, index) + other + nextCursor.slice(index + 1);
        expectProblem(await list({ sort, cursor }), 400, 'validation_failed');
      }
    }
  });

  it('refuses a name that no event could have, and a cursor that is too long', async () => {
    expectProblem(await list({ name: 'x'.repeat(201) }), 400, 'validation_failed');
    expectProblem(await list({ cursor: 'A'.repeat(4_097) }), 400, 'validation_failed');
  });

  it.each([
    'name=',
    'name=%20',
    'name=a%00b',
    'name=a%0Ab',
    'name=%E2%80%AE',
    'name=a&name=b',
    'name[$regex]=a',
    'status=sold',
    'status=',
    'status=on_sale,paused',
    'startsFrom=2030-01-01',
    'startsFrom=2030-02-30T00:00:00Z',
    'startsFrom=2030-01-01T00:00:00+01:00',
    'startsTo=tomorrow',
    'startsFrom=2030-01-01T00:00:00Z&startsTo=2030-01-01T00:00:00Z',
    'startsFrom=2030-01-02T00:00:00Z&startsTo=2030-01-01T00:00:00Z',
    'sort=-name',
    'sort=',
    'order=name',
    'cursor=A',
    'cursor=',
  ])('refuses %s', async (query) => {
    expectProblem(await running.api.get(`/events?${query}`), 400, 'validation_failed');
  });
});

/** What a query finds in `all`, which are sorted newest first. */
function search(all: readonly Listed[], query: Record<string, string>): Listed[] {
  const { name = '', status, startsFrom, startsTo, sort = 'newest' } = query;
  const timeOf = ({ startsAt }: Listed) => (startsAt === undefined ? Number.NaN : Date.parse(startsAt));
  const found = all.filter(
    (event) =>
      event.name.toLowerCase().includes(name.toLowerCase()) &&
      (status === undefined || event.status === status) &&
      (startsFrom === undefined || timeOf(event) >= Date.parse(startsFrom)) &&
      (startsTo === undefined || timeOf(event) < Date.parse(startsTo)) &&
      (query['available'] !== 'true' || (event.status === 'on_sale' && event.availableTickets > 0)),
  );
  if (sort === 'newest') return found;
  // toSorted keeps the order of equals: the oldest first.
  const oldestFirst = found.toReversed();
  if (sort === 'startsAt') return oldestFirst.toSorted((one, other) => (timeOf(one) || 0) - (timeOf(other) || 0));
  return oldestFirst.toSorted((one, other) => {
    return one.name.localeCompare(other.name, 'en', { sensitivity: 'accent' });
  });
}
