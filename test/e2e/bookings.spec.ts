import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { countSold, findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const EUR_45 = { amount: 4500, currency: 'EUR' };
const EUR_20 = { amount: 2000, currency: 'EUR' };
const ID = /^[0-9a-f]{24}$/;
const UNKNOWN_ID = '67841f2a3b4c5d6e7f809100';

describe('bookings', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(async () => {
    expect(await findImbalances(running.db)).toEqual([]);
    await running.close();
  });

  const twoSections = async (stalls: number, balcony: number) => {
    const event = await running.api.createEvent({
      sections: [
        { name: 'Stalls', capacity: stalls, price: EUR_45 },
        { name: 'Balcony', capacity: balcony, price: EUR_20 },
      ],
    });
    return { event, stalls: event.sections[0]._id, balcony: event.sections[1]._id };
  };
  const availableIn = async (eventId: string) => {
    const { event } = (await running.api.get(`/events/${eventId}`)).body;
    return [
      event.availableTickets,
      ...event.sections.map((section: { availableTickets: number }) => section.availableTickets),
    ];
  };

  it("answers the seed's request with the seed's members, and where the booking is", async () => {
    const event = await running.api.createEvent();
    const before = Date.now();

    const { status, headers, body } = await running.api.post('/book', { eventId: event._id, userId: 'user123' });

    expect(status).toBe(201);
    expect(body).toEqual({
      success: true,
      message: 'Booking successful',
      booking: {
        _id: expect.stringMatching(ID),
        eventId: event._id,
        userId: 'user123',
        items: [{ quantity: 1 }],
        quantity: 1,
        status: 'confirmed',
        bookedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    });
    expect(Date.parse(body.booking.bookedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(body.booking.bookedAt)).toBeLessThanOrEqual(Date.now());
    expect(headers.get('location')).toBe(`/bookings/${body.booking._id}`);
    expect(headers.get('cache-control')).toBe('no-store');
    const read = await running.api.get(headers.get('location')!);
    expect(read).toMatchObject({ status: 200, body: { success: true, booking: body.booking } });
    expect(await availableIn(event._id)).toEqual([9]);
  });

  it('takes a quantity, up to ten, and no more', async () => {
    const event = await running.api.createEvent({ totalTickets: 30 });

    const ten = await running.api.book(event._id, { quantity: 10 });
    const eleven = await running.api.book(event._id, { quantity: 11 });

    expect(ten.body.booking).toMatchObject({ quantity: 10, items: [{ quantity: 10 }] });
    expectProblem(eleven, 400, 'validation_failed');
    expect(await availableIn(event._id)).toEqual([20]);
  });

  it('keeps what one ticket cost when it was booked', async () => {
    const event = await running.api.createEvent({ totalTickets: 2, price: EUR_45 });

    const { booking } = (await running.api.book(event._id, { quantity: 2 })).body;
    await running.db
      .collection('events')
      .updateOne({ _id: new mongo.ObjectId(event._id as string) }, { $set: { price: EUR_20 } });

    expect((await running.api.get(`/bookings/${booking._id}`)).body.booking.items).toEqual([
      { quantity: 2, price: EUR_45 },
    ]);
  });

  it('takes the tickets from the section that is named, an id in capitals too', async () => {
    const { event, balcony } = await twoSections(5, 5);

    const { body } = await running.api.book(event._id, { sectionId: balcony.toUpperCase(), quantity: 2 });

    expect(body.booking).toMatchObject({ items: [{ sectionId: balcony, quantity: 2, price: EUR_20 }], quantity: 2 });
    expect(await availableIn(event._id)).toEqual([8, 5, 3]);
  });

  it('books several sections at once, the lines for the same section summed', async () => {
    const { event, stalls, balcony } = await twoSections(5, 5);
    const items = [
      { sectionId: balcony, quantity: 1 },
      { sectionId: stalls, quantity: 2 },
      { sectionId: balcony.toUpperCase(), quantity: 3 },
    ];

    const { status, body } = await running.api.book(event._id, { items });

    expect(status).toBe(201);
    expect(body.booking).toMatchObject({
      items: [
        { sectionId: balcony, quantity: 4, price: EUR_20 },
        { sectionId: stalls, quantity: 2, price: EUR_45 },
      ],
      quantity: 6,
    });
    expect(await availableIn(event._id)).toEqual([4, 3, 1]);
  });

  it('takes an empty list of items for none, as generated clients send it', async () => {
    const event = await running.api.createEvent({ totalTickets: 5 });
    const key = { 'idempotency-key': 'empty-items' };

    const { body } = await running.api.book(event._id, { items: [], quantity: 2 }, key);
    const again = await running.api.book(event._id, { quantity: 2 }, key);

    expect(body.booking).toMatchObject({ items: [{ quantity: 2 }], quantity: 2 });
    expect(again.body).toEqual(body);
    expectProblem(await running.api.book(event._id, { items: null }), 400, 'validation_failed');
    const { event: divided } = await twoSections(5, 5);
    expectProblem(await running.api.book(divided._id, { items: [] }), 400, 'section_required');
    expect(await availableIn(event._id)).toEqual([3]);
  });

  it('sums the lines for the same section before it checks them', async () => {
    const { event, stalls } = await twoSections(3, 5);
    const linesOf = (...quantities: number[]) => quantities.map((quantity) => ({ sectionId: stalls, quantity }));

    expectProblem(await running.api.book(event._id, { items: linesOf(2, 2) }), 409, 'not_enough_tickets');
    expectProblem(await running.api.book(event._id, { items: linesOf(6, 5) }), 400, 'validation_failed');
    expect(await availableIn(event._id)).toEqual([8, 3, 5]);
  });

  it('books all of the sections or none of them', async () => {
    const { event, stalls, balcony } = await twoSections(5, 1);
    const items = [
      { sectionId: stalls, quantity: 3 },
      { sectionId: balcony, quantity: 2 },
    ];

    expectProblem(await running.api.book(event._id, { items }), 409, 'not_enough_tickets');
    const unknown = { items: [items[0], { sectionId: UNKNOWN_ID, quantity: 1 }] };
    expectProblem(await running.api.book(event._id, unknown), 404, 'section_not_found');

    expect(await availableIn(event._id)).toEqual([6, 5, 1]);
    expect(await countSold(running.db, event._id)).toBe(0);
  });

  it("never sells a section through its neighbour's tickets", async () => {
    const { event, stalls } = await twoSections(1, 10);

    const answers = [];
    for (let user = 0; user < 5; user++) answers.push(await running.api.book(event._id, { sectionId: stalls }));

    expect(answers.map((answer) => answer.status)).toEqual([201, 409, 409, 409, 409]);
    for (const refused of answers.slice(1)) expectProblem(refused, 409, 'sold_out');
    expect(await availableIn(event._id)).toEqual([10, 0, 10]);
  });

  it('says sold_out at no ticket left, else not_enough_tickets, both with the message of the seed', async () => {
    const event = await running.api.createEvent({ totalTickets: 3 });

    const notEnough = await running.api.book(event._id, { quantity: 4 });
    await running.api.book(event._id, { quantity: 3 });
    const soldOut = await running.api.book(event._id, { quantity: 1 });

    expectProblem(notEnough, 409, 'not_enough_tickets');
    expectProblem(soldOut, 409, 'sold_out');
    for (const { body } of [notEnough, soldOut]) {
      expect(body).toMatchObject({ success: false, message: 'No tickets available' });
    }
    expect((await running.api.get(`/events/${event._id}`)).body.event.revision).toBe(2);
  });

  it('asks for a section where the event has some', async () => {
    const { event } = await twoSections(5, 5);

    const answer = await running.api.book(event._id);

    expectProblem(answer, 400, 'section_required');
    expect(answer.body.errors).toEqual([{ pointer: '#/sectionId', message: expect.any(String) }]);
    expect(await availableIn(event._id)).toEqual([10, 5, 5]);
  });

  it('answers 404 for an event, a section or a booking that does not exist', async () => {
    const event = await running.api.createEvent();
    const { stalls } = await twoSections(1, 1);

    expectProblem(await running.api.book(UNKNOWN_ID), 404, 'event_not_found');
    expectProblem(await running.api.book(event._id, { sectionId: stalls }), 404, 'section_not_found');
    expectProblem(await running.api.get(`/bookings/${UNKNOWN_ID}`), 404, 'booking_not_found');
  });

  it.each(['draft', 'paused', 'ended', 'cancelled'])('sells nothing of an event that is %s', async (status) => {
    const event = await running.api.createEvent({ totalTickets: 5, status });

    expectProblem(await running.api.book(event._id), 409, 'not_on_sale');
    expect(await availableIn(event._id)).toEqual([5]);
  });

  it("keeps the shop's reference and metadata as they were sent, whatever the names", async () => {
    const event = await running.api.createEvent();
    const metadata = {
      constructor: 'Ferrari',
      prototype: '2',
      toString: '3',
      $set: '4',
      'a.b': '5',
      'é ': '',
      '\0': '6',
    };
    const sent = { reference: 'Order 4711 / Ü', metadata };

    const { status, body } = await running.api.book(event._id, sent);

    expect(status).toBe(201);
    expect(body.booking).toMatchObject({ reference: sent.reference });
    expect(Object.entries(body.booking.metadata)).toEqual(Object.entries(metadata));
    expect((await running.api.get(`/bookings/${body.booking._id}`)).body.booking).toEqual(body.booking);
  });

  it('takes a user for who he says he is, to the last character', async () => {
    const event = await running.api.createEvent();
    const users = ['user', 'user\0', ' user', 'USER', 'u\u0308ser', '\u00fcser', '🎫'.repeat(64)];

    for (const userId of users) {
      const { booking } = (await running.api.book(event._id, { userId })).body;
      const { bookings } = (await running.api.get(`/bookings?userId=${encodeURIComponent(userId)}`)).body;
      expect(bookings).toEqual([booking]);
      expect(booking.userId).toBe(userId);
    }
  });
});
