import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { countSold, findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const UNKNOWN_ID = '67842a1b2c3d4e5f60718293';

describe('POST /bookings/:id/cancel', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(async () => {
    expect(await findImbalances(running.db)).toEqual([]);
    await running.close();
  });

  const cancel = (bookingId: string, body?: unknown) => running.api.post(`/bookings/${bookingId}/cancel`, body);
  const read = async (eventId: string) => (await running.api.get(`/events/${eventId}`)).body.event;
  const bookOf = async (totalTickets: number, quantity: number) => {
    const event = await running.api.createEvent({ totalTickets });
    return { event, booking: (await running.api.book(event._id, { quantity })).body.booking };
  };

  it('returns the tickets and keeps the booking as cancelled', async () => {
    const { event, booking } = await bookOf(5, 3);

    const { status, headers, body } = await cancel(booking._id);

    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      booking: {
        ...booking,
        items: [{ quantity: 3, cancelledQuantity: 3 }],
        status: 'cancelled',
        cancelledAt: new Date(body.booking.cancelledAt).toISOString(),
      },
    });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(await read(event._id)).toMatchObject({ availableTickets: 5, soldTickets: 0, revision: 3 });
    expect((await running.api.get(`/bookings/${booking._id}`)).body.booking).toEqual(body.booking);
    expect((await running.api.get(`/bookings?eventId=${event._id}`)).body.bookings).toEqual([body.booking]);
  });

  it('returns them to the sections that they came from', async () => {
    const sections = ['Stalls', 'Balcony', 'Boxes'].map((name) => ({ name, capacity: 5 }));
    const event = await running.api.createEvent({ sections });
    const items = [
      { sectionId: event.sections[0]._id, quantity: 1 },
      { sectionId: event.sections[2]._id, quantity: 4 },
    ];
    const { booking } = (await running.api.book(event._id, { items })).body;
    await running.api.book(event._id, { sectionId: event.sections[1]._id, quantity: 2 });

    await cancel(booking._id);

    const after = await read(event._id);
    expect(after).toMatchObject({ availableTickets: 13, soldTickets: 2 });
    expect(after.sections.map((section: { availableTickets: number }) => section.availableTickets)).toEqual([5, 3, 5]);
  });

  it('answers a repetition with the same booking, and writes nothing', async () => {
    const { event, booking } = await bookOf(5, 3);
    const first = await cancel(booking._id);
    const before = await read(event._id);

    const second = await cancel(booking._id.toUpperCase());

    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
    expect(await read(event._id)).toEqual(before);
  });

  it('returns the tickets once to thirty who cancel at the same time', async () => {
    const { event, booking } = await bookOf(10, 2);
    await running.api.book(event._id, { quantity: 5 });

    const answers = await Promise.all(Array.from({ length: 30 }, () => cancel(booking._id)));

    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(await read(event._id)).toMatchObject({ availableTickets: 5, soldTickets: 5 });
    expect(await countSold(running.db, event._id)).toBe(5);
  });

  it('lets the next one have the last ticket', async () => {
    const { event, booking } = await bookOf(1, 1);
    expectProblem(await running.api.book(event._id), 409, 'sold_out');

    await cancel(booking._id);

    expect((await running.api.book(event._id)).status).toBe(201);
    expectProblem(await running.api.book(event._id), 409, 'sold_out');
  });

  it.each(['paused', 'ended', 'cancelled'])('works after the event was %s', async (status) => {
    const { event, booking } = await bookOf(5, 3);
    await running.db
      .collection('events')
      .updateOne({ _id: new mongo.ObjectId(event._id as string) }, { $set: { status } });
    expect(await read(event._id)).toMatchObject({ status });

    expect((await cancel(booking._id)).status).toBe(200);
    expect(await read(event._id)).toMatchObject({ availableTickets: 5 });
  });

  it.each([
    ['no body', undefined],
    ['an empty body of the type JSON', ''],
    ['an empty object', '{}'],
  ])('takes %s', async (_what, body) => {
    const { booking } = await bookOf(1, 1);

    expect((await cancel(booking._id, body)).body.booking.status).toBe('cancelled');
  });

  it.each([
    ['a member', '{"a/b": 1}', 'validation_failed'],
    ['a list', '[]', 'malformed_body'],
    ['null', 'null', 'malformed_body'],
    ['white space', ' ', 'malformed_body'],
    ['broken JSON', '{', 'malformed_body'],
  ])('refuses a body that is %s, and cancels nothing', async (_what, body, code) => {
    const { booking } = await bookOf(1, 1);

    const answer = await cancel(booking._id, body);

    expectProblem(answer, 400, code);
    if (code === 'validation_failed') expect(answer.body.errors[0].pointer).toBe('#/a~1b');
    expect((await running.api.get(`/bookings/${booking._id}`)).body.booking.status).toBe('confirmed');
  });

  it('answers 404 for an unknown booking and 400 for a malformed id', async () => {
    expectProblem(await cancel(UNKNOWN_ID), 404, 'booking_not_found');
    expectProblem(await cancel('67842a1b2c3d4e5f6g7h8i9j'), 400, 'validation_failed');
  });
});
