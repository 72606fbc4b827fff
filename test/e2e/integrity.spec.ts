import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { expectProblem } from '../support/expect-problem.js';
import type { Answer } from '../support/api.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const UNCHECKED = { bypassDocumentValidation: true } as const;

describe('GET /events/:id/integrity', () => {
  let running: RunningApp;
  let eventId: string;
  let [stalls, balcony] = ['', ''];
  let [confirmed, cancelled] = ['', ''];

  const id = (hex: string) => new mongo.ObjectId(hex);
  const recount = () => running.api.get(`/events/${eventId}/integrity`);
  const change = (collection: string, hex: string, update: mongo.Document) =>
    running.db.collection(collection).updateOne({ _id: id(hex) }, update, UNCHECKED);
  const movementOf = (kind: string, bookingId: string) => ({
    lines: { $elemMatch: { kind, bookingId: id(bookingId) } },
  });

  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());

  /** A busy event: two sections, seven bookings of two tickets each, one of them over both sections, one cancelled. */
  beforeEach(async () => {
    const { api } = running;
    const event = await api.createEvent({ sections: ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 20 })) });
    eventId = event._id;
    [stalls, balcony] = event.sections.map((section: { _id: string }) => section._id);
    const both = [stalls, balcony].map((sectionId) => ({ sectionId, quantity: 1 }));
    const wishes = [{ items: both }, ...Array.from({ length: 6 }, () => ({ sectionId: stalls, quantity: 2 }))];
    // One after another, so that each has a movement of its own.
    const answers: Answer[] = [];
    for (const wish of wishes) answers.push(await api.book(eventId, wish));
    [confirmed, cancelled] = answers.slice(-2).map(({ body }) => body.booking._id);
    await api.post(`/bookings/${cancelled}/cancel`);
    await api.createEvent();
  });

  it('is balanced after bookings and a cancellation, also while tickets are sold', async () => {
    const expected = { status: 200, body: { success: true, eventId, balanced: true, differences: [] } };
    expect(await recount()).toMatchObject(expected);

    const sales = Array.from({ length: 12 }, () => running.api.book(eventId, { sectionId: balcony }));
    for (const answer of await Promise.all(Array.from({ length: 10 }, recount))) expect(answer).toMatchObject(expected);
    await Promise.all(sales);

    expect((await recount()).body).toEqual(expected.body);
    expect((await recount()).headers.get('cache-control')).toBe('no-store');
  });

  it.each<[fault: string, plant: () => Promise<unknown>, differences: () => mongo.Document[]]>([
    [
      'a ticket too many is available',
      () => change('events', eventId, { $inc: { availableTickets: 1, 'sections.0.availableTickets': 1 } }),
      () => [
        { check: 'capacity = available + held + sold', expected: 41, found: 40 },
        { check: 'availableTickets by the movements', sectionId: stalls, expected: 9, found: 10 },
      ],
    ],
    [
      'a ticket counts as sold that nobody has',
      () =>
        change('events', eventId, {
          $inc: {
            availableTickets: -1,
            soldTickets: 1,
            'sections.0.availableTickets': -1,
            'sections.0.soldTickets': 1,
          },
        }),
      () => [
        { check: 'soldTickets by the bookings', sectionId: stalls, expected: 11, found: 12 },
        { check: 'soldTickets by the movements', sectionId: stalls, expected: 11, found: 12 },
      ],
    ],
    [
      'a part of a booking is gone of which its history does not know',
      async () => {
        await running.api.post(`/bookings/${confirmed}/cancel`, { quantity: 1 }, { 'idempotency-key': 'a-part' });
        await running.db.collection('bookingChanges').deleteOne({ bookingId: id(confirmed) });
      },
      () => [
        {
          check: 'cancelled tickets of the booking by its history',
          sectionId: stalls,
          bookingId: confirmed,
          expected: 1,
          found: 0,
        },
      ],
    ],
    [
      'a sale moved to the neighbour section',
      () =>
        change('events', eventId, {
          $inc: {
            'sections.0.availableTickets': 1,
            'sections.0.soldTickets': -1,
            'sections.1.availableTickets': -1,
            'sections.1.soldTickets': 1,
          },
        }),
      () => [
        { check: 'soldTickets by the bookings', sectionId: stalls, expected: 11, found: 10 },
        { check: 'soldTickets by the bookings', sectionId: balcony, expected: 1, found: 2 },
      ],
    ],
    [
      'the event does not add up to its sections',
      () => change('events', eventId, { $inc: { availableTickets: -1, soldTickets: 1 } }),
      () => [{ check: 'soldTickets by the sections', expected: 12, found: 13 }],
    ],
    [
      'a count is negative',
      () => change('events', eventId, { $inc: { 'sections.1.availableTickets': -20, 'sections.1.soldTickets': 20 } }),
      () => [{ check: 'no count is negative', sectionId: balcony, expected: 0, found: -1 }],
    ],
    [
      'the capacity grew',
      () =>
        change('events', eventId, {
          $inc: {
            totalTickets: 5,
            availableTickets: 5,
            'sections.1.capacity': 5,
            'sections.1.availableTickets': 5,
          },
        }),
      () => [{ check: 'capacity by the movements', sectionId: balcony, expected: 20, found: 25 }],
    ],
    [
      'a booking is gone',
      () => running.db.collection('bookings').deleteOne({ _id: id(confirmed) }),
      () => [
        { check: 'soldTickets by the bookings', sectionId: stalls, expected: 9, found: 11 },
        { check: 'movements of the booking', sectionId: stalls, bookingId: confirmed, expected: 0, found: 2 },
      ],
    ],
    [
      'a booking is there twice',
      async () => {
        const { _id, ...booking } = (await running.db.collection('bookings').findOne({ _id: id(confirmed) }))!;
        await running.db.collection('bookings').insertOne(booking);
      },
      () => [{ check: 'soldTickets by the bookings', sectionId: stalls, expected: 13, found: 11 }],
    ],
    [
      "a booking's quantity was changed",
      () => change('bookings', confirmed, { $set: { quantity: 1, 'items.0.quantity': 1 } }),
      () => [{ check: 'movements of the booking', sectionId: stalls, bookingId: confirmed, expected: 1, found: 2 }],
    ],
    [
      "a booking's quantity is not the sum of its items",
      () => change('bookings', confirmed, { $set: { quantity: 9 } }),
      () => [{ check: 'quantity of the booking by its items', bookingId: confirmed, expected: 2, found: 9 }],
    ],
    [
      "a booking's section was changed",
      () => change('bookings', confirmed, { $set: { 'items.0.sectionId': id(balcony) } }),
      () => [
        { check: 'movements of the booking', sectionId: stalls, bookingId: confirmed, expected: 0, found: 2 },
        { check: 'movements of the booking', sectionId: balcony, bookingId: confirmed, expected: 2, found: 0 },
      ],
    ],
    [
      'a booking is of a section that the event does not have',
      () => change('bookings', confirmed, { $set: { 'items.0.sectionId': id(eventId) } }),
      () => [{ check: 'bookings of no pool of the event', sectionId: eventId, expected: 0, found: 2 }],
    ],
    [
      'a cancelled booking is confirmed again',
      () => change('bookings', cancelled, { $set: { status: 'confirmed' } }),
      () => [
        { check: 'soldTickets by the bookings', sectionId: stalls, expected: 13, found: 11 },
        { check: 'movements of the booking', sectionId: stalls, bookingId: cancelled, expected: 2, found: 0 },
      ],
    ],
    [
      'a booking was cancelled without its tickets',
      () => change('bookings', confirmed, { $set: { status: 'cancelled' } }),
      () => [{ check: 'movements of the booking', sectionId: stalls, bookingId: confirmed, expected: 0, found: 2 }],
    ],
    [
      'a movement is gone',
      () => running.db.collection('movements').deleteOne(movementOf('booked', confirmed)),
      () => [
        { check: 'soldTickets by the movements', sectionId: stalls, expected: 9, found: 11 },
        { check: 'movements of the booking', sectionId: stalls, bookingId: confirmed, expected: 2, found: 0 },
      ],
    ],
    [
      'a movement was changed',
      () =>
        running.db
          .collection('movements')
          .updateOne(movementOf('cancelled', cancelled), { $set: { 'lines.0.quantity': 1 } }),
      () => [
        { check: 'availableTickets by the movements', sectionId: stalls, expected: 8, found: 9 },
        { check: 'movements of the booking', sectionId: stalls, bookingId: cancelled, expected: 0, found: 1 },
      ],
    ],
    [
      'the movements are ahead of the event',
      () => change('events', eventId, { $inc: { revision: -1 } }),
      () => [{ check: 'event.revision covers the movements', expected: 9, found: 8 }],
    ],
  ])('finds where it is wrong: %s', async (_fault, plant, differences) => {
    await plant();

    const { status, body } = await recount();

    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, eventId, balanced: false });
    expect(body.differences).toEqual(expect.arrayContaining(differences().map((one) => expect.objectContaining(one))));
  });

  it("says nothing of one event's faults in the report on another", async () => {
    const other = await running.api.createEvent();
    await change('events', eventId, { $inc: { soldTickets: 1 } });

    expect((await running.api.get(`/events/${other._id}/integrity`)).body.balanced).toBe(true);
  });

  it('answers 404 for an unknown event and 400 for a malformed id', async () => {
    expectProblem(await running.api.get('/events/67841f2a3b4c5d6e7f809100/integrity'), 404, 'event_not_found');
    expectProblem(await running.api.get('/events/67841f2a/integrity'), 400, 'validation_failed');
  });
});
