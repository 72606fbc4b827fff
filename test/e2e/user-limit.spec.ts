import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

describe('an event with a limit for each user', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(async () => {
    expect(await findImbalances(running.db)).toEqual([]);
    await running.close();
  });
  const statusOf = async (...args: Parameters<RunningApp['api']['book']>) => (await running.api.book(...args)).status;

  it('says so wherever it is shown', async () => {
    const event = await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 4 });
    const read = (await running.api.get(`/events/${event._id}`)).body.event;
    const listed = (await running.api.get('/events?limit=1')).body.events[0];

    for (const shown of [event, read, listed]) expect(shown).toMatchObject({ _id: event._id, maxTicketsPerUser: 4 });
    expect(await running.api.createEvent()).not.toHaveProperty('maxTicketsPerUser');
  });

  it('refuses what is over it with a problem of its own, and changes nothing', async () => {
    const event = await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 4 });
    await running.api.book(event._id, { quantity: 3 });

    const answer = await running.api.book(event._id, { quantity: 2 });

    expectProblem(answer, 409, 'user_limit_reached');
    expect(answer.body.message).not.toBe('No tickets available');
    expect(answer.body.detail).toMatch(/\b4\b.*\b3\b.*\b2\b/);
    expect((await running.api.get(`/events/${event._id}`)).body.event.availableTickets).toBe(7);
  });

  it('counts tickets, not bookings, and each user by itself', async () => {
    const event = await running.api.createEvent({ totalTickets: 20, maxTicketsPerUser: 4 });
    const other = { userId: 'User123' };

    expect(await statusOf(event._id, { quantity: 5 })).toBe(409);
    expect(await statusOf(event._id, { quantity: 3 })).toBe(201);
    expect(await statusOf(event._id, { quantity: 3 })).toBe(409);
    expect(await statusOf(event._id, { quantity: 3, ...other })).toBe(201);
    expect(await statusOf(event._id, { quantity: 1 })).toBe(201);
    expect(await statusOf(event._id, { quantity: 1 })).toBe(409);
    expect(await statusOf(event._id, { quantity: 1, ...other })).toBe(201);
  });

  it('counts the tickets of all sections, and of all lines of a booking', async () => {
    const event = await running.api.createEvent({
      sections: ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 10 })),
      maxTicketsPerUser: 4,
    });
    const [stalls, balcony] = event.sections.map((section: { _id: string }) => section._id);
    const items = (quantity: number) => [
      { sectionId: stalls, quantity },
      { sectionId: balcony, quantity: 1 },
      { sectionId: stalls, quantity: 1 },
    ];

    expectProblem(await running.api.book(event._id, { items: items(3) }), 409, 'user_limit_reached');
    expect(await statusOf(event._id, { items: items(1) })).toBe(201);
    expect(await statusOf(event._id, { sectionId: balcony, quantity: 2 })).toBe(409);
    expect(await statusOf(event._id, { sectionId: balcony })).toBe(201);
    expect(await statusOf(event._id, { sectionId: stalls })).toBe(409);
  });

  it('gives back what is cancelled', async () => {
    const event = await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 4 });
    const { body } = await running.api.book(event._id, { quantity: 4 });
    expect(await statusOf(event._id)).toBe(409);

    await running.api.post(`/bookings/${body.booking._id}/cancel`);

    expect(await statusOf(event._id, { quantity: 4 })).toBe(201);
    expect(await statusOf(event._id)).toBe(409);
  });

  it('counts one event only', async () => {
    const [one, other] = [
      await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 1 }),
      await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 1 }),
    ];
    expect([await statusOf(one._id), await statusOf(other._id), await statusOf(one._id)]).toEqual([201, 201, 409]);
  });

  it('answers a booking again that has reached it, for the same key', async () => {
    const event = await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 1 });
    const headers = { 'idempotency-key': 'order-1001' };
    const first = await running.api.book(event._id, {}, headers);
    const again = await running.api.book(event._id, {}, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expectProblem(await running.api.book(event._id), 409, 'user_limit_reached');
  });

  it('does not apply to a box office that says so; its tickets count all the same', async () => {
    const event = await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 1 });
    expect(await statusOf(event._id, { quantity: 3, ignoreUserLimit: true })).toBe(201);
    const refused = await running.api.book(event._id, { ignoreUserLimit: false });
    expectProblem(refused, 409, 'user_limit_reached');
    expect(refused.body.detail).toMatch(/has 3\b/);
    expectProblem(await running.api.book(event._id, { ignoreUserLimit: 'true' }), 400, 'validation_failed');
  });

  it('does not make another request of one that says what is so anyway', async () => {
    const event = await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 2 });
    const headers = { 'idempotency-key': 'order-1002' };
    const first = await running.api.book(event._id, {}, headers);
    const again = await running.api.book(event._id, { ignoreUserLimit: false }, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expectProblem(await running.api.book(event._id, { ignoreUserLimit: true }, headers), 422, 'idempotency_key_reused');
  });

  it('says "sold out" to everybody once it is', async () => {
    const event = await running.api.createEvent({ totalTickets: 2, maxTicketsPerUser: 1 });
    for (const userId of ['ann', 'bob']) await running.api.book(event._id, { userId });

    for (const userId of ['ann', 'cid']) {
      expectProblem(await running.api.book(event._id, { userId }), 409, 'sold_out');
    }
  });

  it.each([0, -1, 1.5, '4', 1e10, null, [4], true])('may not be %j', async (maxTicketsPerUser) => {
    const answer = await running.api.post('/events/create', { name: 'Concert', totalTickets: 1, maxTicketsPerUser });
    expectProblem(answer, 400, 'validation_failed');
    expect(answer.body.errors[0].pointer).toBe('#/maxTicketsPerUser');
  });

  it('may be more than there are tickets', async () => {
    const event = await running.api.createEvent({ totalTickets: 2, maxTicketsPerUser: 1_000_000_000 });
    expect(await statusOf(event._id, { quantity: 2 })).toBe(201);
  });
});
