import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countSold, findImbalances } from '../support/check-books.js';
import { type RunningApp, startApp } from '../support/start-app.js';

describe("the seed's race: 10 users, 5 tickets", () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());

  it('lets exactly 5 succeed and tells the others that no tickets are available', async () => {
    const { api, db } = running;
    const event = await api.createEvent({ totalTickets: 5 });

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, user) => api.book(event._id, { userId: `user${user}` })),
    );

    const booked = answers.filter((answer) => answer.status === 201);
    const refused = answers.filter((answer) => answer.status === 409);
    expect(booked).toHaveLength(5);
    expect(refused).toHaveLength(5);
    for (const { body } of booked) expect(body).toMatchObject({ success: true, message: 'Booking successful' });
    for (const { body } of refused) {
      expect(body).toMatchObject({ success: false, message: 'No tickets available', code: 'sold_out' });
    }
    expect(new Set(booked.map(({ body }) => body.booking._id)).size).toBe(5);
    expect((await api.get(`/events/${event._id}`)).body.event).toMatchObject({ availableTickets: 0, soldTickets: 5 });
    expect(await countSold(db, event._id)).toBe(5);
    expect(await findImbalances(db)).toEqual([]);
  });
});
