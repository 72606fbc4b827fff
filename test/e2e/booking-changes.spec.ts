import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { countSold, findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const UNKNOWN_ID = '67842a1b2c3d4e5f60718293';

let running: RunningApp;
let keys = 0;
beforeAll(async () => {
  running = await startApp();
});
afterAll(async () => {
  expect(await findImbalances(running.db)).toEqual([]);
  await running.close();
});

const aKey = () => ({ 'idempotency-key': `key-${++keys}` });
const cancel = (id: string, body?: unknown, headers?: Record<string, string>) =>
  running.api.post(`/bookings/${id}/cancel`, body, headers);
const transfer = (id: string, userId: unknown) => running.api.post(`/bookings/${id}/transfer`, { userId });
const read = async (id: string) => (await running.api.get(`/bookings/${id}`)).body.booking;
const readEvent = async (id: string) => (await running.api.get(`/events/${id}`)).body.event;
const historyOf = async (id: string) => (await running.api.get(`/bookings/${id}/history`)).body.history;
const aBookingOf = async (quantity: number, event: Record<string, unknown> = {}) => {
  const { _id: eventId } = await running.api.createEvent({ totalTickets: 10, ...event });
  return { eventId, booking: (await running.api.book(eventId, { quantity })).body.booking };
};
const aBookingOfSections = async () => {
  const sections = ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 5 }));
  const event = await running.api.createEvent({ sections });
  const [stalls, balcony] = event.sections.map(({ _id }: { _id: string }) => _id) as [string, string];
  const items = [
    { sectionId: stalls, quantity: 3 },
    { sectionId: balcony, quantity: 2 },
  ];
  return { event, stalls, balcony, booking: (await running.api.book(event._id, { items })).body.booking };
};

describe('cancelling a part of a booking', () => {
  it('returns so many tickets, and shows what was bought and what of it is cancelled', async () => {
    const { eventId, booking } = await aBookingOf(4);

    const { status, body } = await cancel(booking._id, { quantity: 3, reason: 'Three are ill' }, aKey());

    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      booking: { ...booking, items: [{ quantity: 4, cancelledQuantity: 3 }] },
    });
    expect(await read(booking._id)).toEqual(body.booking);
    expect(await readEvent(eventId)).toMatchObject({ availableTickets: 9, soldTickets: 1 });
    expect((await running.api.get(`/events/${eventId}/integrity`)).body).toMatchObject({ balanced: true });
  });

  it('cancels the booking with its last ticket', async () => {
    const { eventId, booking } = await aBookingOf(2);
    await cancel(booking._id, { quantity: 1 }, aKey());

    const { body } = await cancel(booking._id, { quantity: 1 }, aKey());

    expect(body.booking).toMatchObject({ status: 'cancelled', quantity: 2, items: [{ cancelledQuantity: 2 }] });
    expect(await readEvent(eventId)).toMatchObject({ availableTickets: 10, soldTickets: 0 });
  });

  it('returns the rest to who cancels the booking then', async () => {
    const { eventId, booking } = await aBookingOf(4);
    await cancel(booking._id, { quantity: 1 }, aKey());

    const { body } = await cancel(booking._id);

    expect(body.booking).toMatchObject({
      status: 'cancelled',
      quantity: 4,
      items: [{ quantity: 4, cancelledQuantity: 4 }],
    });
    expect((await cancel(booking._id)).body).toEqual(body);
    expect(await readEvent(eventId)).toMatchObject({ availableTickets: 10, soldTickets: 0 });
  });

  it('returns tickets to the sections that are named', async () => {
    const { event, stalls, balcony, booking } = await aBookingOfSections();

    const items = [
      { sectionId: balcony.toUpperCase(), quantity: 1 },
      { sectionId: stalls, quantity: 1 },
      { sectionId: balcony, quantity: 1 },
    ];
    const { body } = await cancel(booking._id, { items }, aKey());

    expect(body.booking.items).toEqual([
      { sectionId: stalls, quantity: 3, cancelledQuantity: 1 },
      { sectionId: balcony, quantity: 2, cancelledQuantity: 2 },
    ]);
    const { sections } = await readEvent(event._id);
    expect(sections.map(({ availableTickets }: { availableTickets: number }) => availableTickets)).toEqual([3, 5]);
    expectProblem(
      await cancel(booking._id, { items: [{ sectionId: balcony, quantity: 1 }] }, aKey()),
      409,
      'not_enough_tickets',
    );
  });

  it('takes effect once for a key, and answers its repetition as the first time, whatever has happened since', async () => {
    const { eventId, booking } = await aBookingOf(4);
    const key = aKey();
    const first = await cancel(booking._id, { quantity: 1 }, key);
    await transfer(booking._id, 'ann');
    await cancel(booking._id);

    const again = await cancel(booking._id, { quantity: 1 }, key);

    expect(again.body).toEqual(first.body);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await readEvent(eventId)).toMatchObject({ availableTickets: 10 });
    expectProblem(await cancel(booking._id, { quantity: 2 }, key), 422, 'idempotency_key_reused');
  });

  it('takes no key of a part for all that is left', async () => {
    const { eventId, booking } = await aBookingOf(4);
    const [part, all] = [aKey(), aKey()];
    await cancel(booking._id, { quantity: 1 }, part);
    expectProblem(await cancel(booking._id, undefined, part), 422, 'idempotency_key_reused');
    expect(await readEvent(eventId)).toMatchObject({ availableTickets: 7 });
    const first = await cancel(booking._id, undefined, all);
    const again = await cancel(booking._id, undefined, all);
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    expect(again.body).toEqual(first.body);
  });

  it('lets another booking use the same key', async () => {
    const [one, other] = [await aBookingOf(2), await aBookingOf(2)];
    const key = aKey();
    for (const { booking } of [one, other]) {
      expect((await cancel(booking._id, { quantity: 1 }, key)).body.booking).toMatchObject({
        _id: booking._id,
        items: [{ cancelledQuantity: 1 }],
      });
    }
  });

  it('gives the user so many tickets of his limit back', async () => {
    const { eventId, booking } = await aBookingOf(4, { maxTicketsPerUser: 4 });
    expectProblem(await running.api.book(eventId), 409, 'user_limit_reached');
    await cancel(booking._id, { quantity: 2 }, aKey());
    expect((await running.api.book(eventId, { quantity: 2 })).status).toBe(201);
    expectProblem(await running.api.book(eventId), 409, 'user_limit_reached');
  });

  it.each([
    ['nothing in a list', { items: [] }],
    ['no tickets', { quantity: 0 }],
    ['tickets named twice', { quantity: 1, items: [{ quantity: 1 }] }],
    ['a quantity that is text', { quantity: '1' }],
    ['an unknown member', { count: 1 }],
    ['a reason that is too long', { reason: 'x'.repeat(201) }],
    ['a reason that is blank', { quantity: 1, reason: ' ' }],
  ])('refuses %s, and changes nothing', async (_what, body) => {
    const { eventId, booking } = await aBookingOf(2);
    expectProblem(await cancel(booking._id, body, aKey()), 400, 'validation_failed');
    expect(await readEvent(eventId)).toMatchObject({ availableTickets: 8, revision: 2 });
  });

  it('refuses more than is left, a part without a key, a section it has not, and an unknown booking', async () => {
    const { eventId, booking } = await aBookingOf(2);
    const { booking: ofSections, stalls } = await aBookingOfSections();

    expectProblem(await cancel(booking._id, { quantity: 1 }), 400, 'idempotency_key_required');
    expectProblem(await cancel(booking._id, { quantity: 3 }, aKey()), 409, 'not_enough_tickets');
    expectProblem(await cancel(ofSections._id, { quantity: 1 }, aKey()), 400, 'section_required');
    expectProblem(
      await cancel(booking._id, { items: [{ sectionId: stalls, quantity: 1 }] }, aKey()),
      404,
      'section_not_found',
    );
    expectProblem(await cancel(UNKNOWN_ID, { quantity: 1 }, aKey()), 404, 'booking_not_found');
    await cancel(booking._id);
    expectProblem(await cancel(booking._id, { quantity: 1 }, aKey()), 409, 'not_enough_tickets');
    expect(await readEvent(eventId)).toMatchObject({ availableTickets: 10 });
  });
});

describe('transferring a booking', () => {
  it('gives what is left to another user, and moves no ticket', async () => {
    const { eventId, booking } = await aBookingOf(3);
    await cancel(booking._id, { quantity: 1 }, aKey());

    const { status, body } = await transfer(booking._id, 'ann');

    expect(status).toBe(200);
    expect(body.booking).toEqual({ ...booking, userId: 'ann', items: [{ quantity: 3, cancelledQuantity: 1 }] });
    expect(await read(booking._id)).toEqual(body.booking);
    expect(await readEvent(eventId)).toMatchObject({ availableTickets: 8, soldTickets: 2 });
    expect((await running.api.get(`/bookings?eventId=${eventId}&userId=ann`)).body.bookings).toEqual([body.booking]);
    expect((await running.api.get(`/events/${eventId}/integrity`)).body).toMatchObject({ balanced: true });
  });

  it('leaves the answer to the key of the booking as it was', async () => {
    const { _id: eventId } = await running.api.createEvent();
    const key = aKey();
    const { booking } = (await running.api.book(eventId, { quantity: 2 }, key)).body;
    await cancel(booking._id, { quantity: 1 }, aKey());
    await transfer(booking._id, 'ann');
    const again = await running.api.book(eventId, { quantity: 2 }, key);
    expect(again.body.booking).toEqual(booking);
  });

  it("counts for the receiver's limit, and no longer for the giver's", async () => {
    const { eventId, booking } = await aBookingOf(2, { maxTicketsPerUser: 2 });
    await transfer(booking._id, 'ann');

    expect((await running.api.book(eventId, { quantity: 2 })).status).toBe(201);
    expectProblem(await running.api.book(eventId, { userId: 'ann' }), 409, 'user_limit_reached');
    expectProblem(await transfer(booking._id, 'user123'), 409, 'user_limit_reached');
    await cancel(booking._id);
    expect((await running.api.book(eventId, { userId: 'ann', quantity: 2 })).status).toBe(201);
  });

  it('to oneself changes nothing', async () => {
    const { eventId, booking } = await aBookingOf(2, { maxTicketsPerUser: 2 });
    const { status, body } = await transfer(booking._id, 'user123');
    expect(status).toBe(200);
    expect(body.booking).toEqual(booking);
    expect(await readEvent(eventId)).toMatchObject({ revision: 2 });
    expect(await historyOf(booking._id)).toHaveLength(1);
  });

  it('refuses a cancelled booking, an unknown one and a bad user', async () => {
    const { booking } = await aBookingOf(2);
    for (const userId of ['', 7, null, undefined, 'x'.repeat(129)]) {
      expectProblem(await transfer(booking._id, userId), 400, 'validation_failed');
    }
    expectProblem(await transfer(UNKNOWN_ID, 'ann'), 404, 'booking_not_found');
    await cancel(booking._id);
    expectProblem(await transfer(booking._id, 'ann'), 409, 'wrong_state');
  });
});

describe('the history of a booking', () => {
  it('says what happened, when, and why', async () => {
    const { booking } = await aBookingOf(4);
    await cancel(booking._id, { quantity: 1, reason: 'One is ill' }, aKey());
    await transfer(booking._id, 'ann');
    await cancel(booking._id, { reason: 'All are ill' });
    await cancel(booking._id, { reason: 'Again' });

    const history = await historyOf(booking._id);

    expect(history).toEqual([
      { at: booking.bookedAt, kind: 'booked', quantity: 4, by: null },
      { at: expect.any(String), kind: 'cancelled', quantity: 1, reason: 'One is ill', by: null },
      { at: expect.any(String), kind: 'transferred', quantity: 3, by: null },
      { at: expect.any(String), kind: 'cancelled', quantity: 3, reason: 'All are ill', by: null },
    ]);
    expect(history[3].at).toBe((await read(booking._id)).cancelledAt);
  });

  it('has pages', async () => {
    const { booking } = await aBookingOf(4);
    for (const userId of ['ann', 'bob', 'cid', 'user123']) await transfer(booking._id, userId);
    const path = `/bookings/${booking._id}/history?limit=2`;
    const pages = [];
    let cursor: string | null = null;
    do {
      const { body }: { body: { history: unknown[]; nextCursor: string | null } } = await running.api.get(
        cursor ? `${path}&cursor=${cursor}` : path,
      );
      pages.push(body.history);
      cursor = body.nextCursor;
    } while (cursor);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(await historyOf(booking._id));
    const { body } = await running.api.get(path);
    expectProblem(await running.api.get(`/bookings?limit=2&cursor=${body.nextCursor}`), 400, 'validation_failed');
    expectProblem(await running.api.get(`/bookings/${UNKNOWN_ID}/history`), 404, 'booking_not_found');
  });

  it('tells of a cancellation by a server of an earlier release, which left no change', async () => {
    const { booking } = await aBookingOf(2);
    await cancel(booking._id);
    const _id = new mongo.ObjectId(booking._id);
    await running.db.collection('bookingChanges').deleteMany({ bookingId: _id });
    await running.db.collection('bookings').updateOne({ _id }, { $unset: { changes: 1 } });
    expect(await historyOf(booking._id)).toEqual([
      { at: booking.bookedAt, kind: 'booked', quantity: 2, by: null },
      { at: (await read(booking._id)).cancelledAt, kind: 'cancelled', quantity: 2, by: null },
    ]);
  });
});

describe('the filters of bookings', () => {
  it('find them by reference, by state and by time', async () => {
    const { _id: eventId } = await running.api.createEvent({ totalTickets: 10 });
    const book = async (reference: string) => (await running.api.book(eventId, { reference })).body.booking;
    const [one, two, three] = [await book('ref-1'), await book('ref-2'), await book('ref-2')];
    await cancel(two._id);
    const find = async (query: string) =>
      (await running.api.get(`/bookings?${query}`)).body.bookings.map(({ _id }: { _id: string }) => _id);

    expect(await find('reference=ref-2')).toEqual([three._id, two._id]);
    expect(await find('reference=none')).toEqual([]);
    expect(await find(`eventId=${eventId}&status=cancelled`)).toEqual([two._id]);
    expect(await find(`eventId=${eventId}&status=confirmed&limit=5`)).toEqual([three._id, one._id]);
    const from = encodeURIComponent(two.bookedAt);
    expect(await find(`eventId=${eventId}&bookedFrom=${from}`)).toEqual(expect.arrayContaining([three._id, two._id]));
    expect(await find(`eventId=${eventId}&bookedTo=${encodeURIComponent(one.bookedAt)}`)).toEqual([]);
    expect(await find(`eventId=${eventId}&bookedFrom=${from}&bookedTo=2999-01-01T00:00:00%2B02:00`)).toContain(
      three._id,
    );
    const { nextCursor } = (await running.api.get(`/bookings?eventId=${eventId}&status=confirmed&limit=1`)).body;
    expect(await find(`eventId=${eventId}&status=confirmed&limit=1&cursor=${nextCursor}`)).toEqual([one._id]);
    expectProblem(
      await running.api.get(`/bookings?eventId=${eventId}&limit=1&cursor=${nextCursor}`),
      400,
      'validation_failed',
    );
  });

  it.each([
    'status=confirmed',
    'bookedFrom=2026-01-01T00:00:00Z',
    `eventId=${UNKNOWN_ID}&reference=ref-1`,
    'userId=ann&reference=ref-1',
    'userId=ann&status=cancelled',
    `eventId=${UNKNOWN_ID}&userId=ann&status=cancelled`,
    `eventId=${UNKNOWN_ID}&status=cancelled&bookedTo=2026-01-01T00:00:00Z`,
    `eventId=${UNKNOWN_ID}&status=lost`,
    `eventId=${UNKNOWN_ID}&bookedFrom=2026-01-01`,
    `eventId=${UNKNOWN_ID}&bookedFrom=2026-01-01T00:00:00`,
    `eventId=${UNKNOWN_ID}&bookedFrom=2026-02-30T00:00:00Z`,
    `eventId=${UNKNOWN_ID}&bookedFrom=2026-01-01T25:00:00Z`,
  ])('refuse %s', async (query) => {
    expectProblem(await running.api.get(`/bookings?${query}`), 400, 'validation_failed');
  });
});

it('counts nothing twice after all of this', async () => {
  const { eventId, booking } = await aBookingOf(4);
  await cancel(booking._id, { quantity: 3 }, aKey());
  expect(await countSold(running.db, eventId)).toBe(1);
});
