import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findImbalances } from '../support/check-books.js';
import { dump } from '../support/dump.js';
import { expectProblem } from '../support/expect-problem.js';
import { times } from '../support/race.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const BODY = {
  name: 'Concert Night',
  sections: [
    { name: 'Balcony', capacity: 40, price: { amount: 4500, currency: 'EUR' } },
    { name: 'Stalls', capacity: 120 },
  ],
  maxTicketsPerUser: 4,
};
const REPLAYED = 'idempotent-replayed';

/** The body with another price of its first section. */
function withPrice(price: { amount: number; currency: string } | undefined) {
  const [first, ...others] = BODY.sections;
  return { ...BODY, sections: [{ ...first, price }, ...others] };
}

describe('an event that is created again with its key', () => {
  let running: RunningApp;
  let other: RunningApp;
  beforeAll(async () => {
    running = await startApp();
    other = await startApp({ uri: running.uri });
  });
  afterAll(async () => {
    expect(await findImbalances(running.db)).toEqual([]);
    await other.close();
    await running.close();
  });
  const create = (key: string, body: unknown = BODY, { api } = running) =>
    api.post('/events/create', body, { 'idempotency-key': key });
  const eventsNamed = (name: string) => running.db.collection('events').countDocuments({ name });

  it('is answered as it was the first time, on every instance, whatever was sold since', async () => {
    const first = await create('first');
    const { _id, sections } = first.body.event;
    await running.api.book(_id, { sectionId: sections[0]._id, quantity: 3 });

    const replays = [await create('"first"'), await create('first', BODY, other)];

    expect([first.status, first.headers.get(REPLAYED)]).toEqual([201, null]);
    for (const { status, headers, body } of replays) {
      expect(status).toBe(201);
      expect(body).toEqual(first.body);
      expect(body.event).toMatchObject({ availableTickets: 160, soldTickets: 0, revision: 1 });
      expect(headers.get('location')).toBe(`/events/${_id}`);
      expect(headers.get('etag')).toBe(first.headers.get('etag'));
      expect(headers.get(REPLAYED)).toBe('true');
    }
    expect((await running.api.get(`/events/${_id}`)).body.event.availableTickets).toBe(157);
  });

  it.each([
    ['another name', { ...BODY, name: 'Matinee' }],
    ['another limit', { ...BODY, maxTicketsPerUser: 5 }],
    ['its sections in another order', { ...BODY, sections: BODY.sections.toReversed() }],
    ['another price of a section', withPrice({ amount: 4501, currency: 'EUR' })],
    ['another currency of a section', withPrice({ amount: 4500, currency: 'USD' })],
    ['no price of a section', withPrice(undefined)],
    ['another status', { ...BODY, status: 'draft' }],
    ['no sections', { name: BODY.name, totalTickets: 160, maxTicketsPerUser: 4 }],
  ])('is refused with %s, and nothing is changed', async (what, body) => {
    expect((await create(`other ${what}`.replaceAll(' ', '-'))).status).toBe(201);
    const before = await dump(running.db);

    expectProblem(await create(`other ${what}`.replaceAll(' ', '-'), body), 422, 'idempotency_key_reused');

    expect(await dump(running.db)).toEqual(before);
  });

  it.each([
    ['another price', { amount: 1500, currency: 'EUR' }],
    ['no price', undefined],
  ])('is refused with %s, and nothing is changed', async (what, price) => {
    const plain = { name: 'Concert Night', totalTickets: 10, price: { amount: 1200, currency: 'EUR' } };
    const key = `event-with-${what}`.replaceAll(' ', '-');
    expect((await create(key, plain)).status).toBe(201);
    const before = await dump(running.db);

    expectProblem(await create(key, { ...plain, price }), 422, 'idempotency_key_reused');

    expect(await dump(running.db)).toEqual(before);
  });

  it('is the same for JSON in another order and shape', async () => {
    const first = await create('order');
    const { name, sections, maxTicketsPerUser } = BODY;
    const reordered = { sections, maxTicketsPerUser, name };
    const again = await create('order', JSON.stringify(reordered, undefined, 2));
    expect([again.status, again.headers.get(REPLAYED), again.body]).toEqual([201, 'true', first.body]);
  });

  it('is made once of 60 requests at the same time on two instances, with the same answer for all', async () => {
    const body = { name: 'At the same time', totalTickets: 10 };

    const answers = await Promise.all(
      times(60, async (caller) => {
        for (;;) {
          const answer = await create('rush', body, caller % 2 === 0 ? running : other);
          if (answer.status !== 503 && answer.body.code !== 'idempotency_in_progress') return answer;
        }
      }),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get(REPLAYED) === null).length).toBeLessThanOrEqual(1);
    expect(await eventsNamed('At the same time')).toBe(1);
  });

  it('is made once for each key, and once for each request without one', async () => {
    const body = { name: 'Twins', totalTickets: 1 };
    const answers = [
      await create('twin', body),
      await create('Twin', body),
      await running.api.post('/events/create', body),
      await running.api.post('/events/create', body),
    ];
    expect(answers.map(({ status, headers }) => [status, headers.get(REPLAYED)])).toEqual(times(4, () => [201, null]));
    expect(await eventsNamed('Twins')).toBe(4);
  });

  it.each([
    ['that is empty', ''],
    ['with a space', 'two keys'],
    ['of 256 characters', 'k'.repeat(256)],
    ['that is not ASCII', 'schl\u00fcssel'],
  ])('is refused with a key %s, and nothing is made', async (_what, key) => {
    expectProblem(await create(key, { name: 'Refused', totalTickets: 1 }), 400, 'validation_failed');
    expect(await eventsNamed('Refused')).toBe(0);
  });

  it('stores no key where it is refused', async () => {
    expectProblem(await create('refused', { name: 'Concert Night', totalTickets: 0 }), 400, 'validation_failed');
    const made = await create('refused');
    expect([made.status, made.headers.get(REPLAYED)]).toEqual([201, null]);
  });

  it('shares its key with no booking', async () => {
    const { body } = await create('shared', { name: 'Concert Night', totalTickets: 1 });
    const booked = await running.api.book(body.event._id, {}, { 'idempotency-key': 'shared' });
    expect([booked.status, booked.headers.get(REPLAYED)]).toEqual([201, null]);
  });
});
