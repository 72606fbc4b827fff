import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

describe('a waitlist', () => {
  let running: RunningApp;
  beforeAll(async () => void (running = await startApp()));
  afterEach(async () => expect(await findImbalances(running.db)).toEqual([]));
  afterAll(() => running.close());

  const countsOf = async (eventId: string) => {
    const { availableTickets, heldTickets, soldTickets } = (await running.api.get(`/events/${eventId}`)).body.event;
    return [availableTickets, heldTickets, soldTickets];
  };
  /** An event of which every ticket is booked, each by itself; with the bookings. */
  const soldOut = async (totalTickets: number, more: Record<string, unknown> = {}) => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets, ...more });
    const bookings: string[] = [];
    for (let number = 0; number < totalTickets; number += 1) {
      bookings.push((await api.book(event._id, { userId: `buyer${number}` })).body.booking._id);
    }
    return { eventId: event._id as string, bookings };
  };
  const joined = async (eventId: string, userId: string, more: Record<string, unknown> = {}) => {
    const answer = await running.api.join(eventId, { userId, ...more });
    expect(answer.status).toBe(201);
    return answer.body.entry._id as string;
  };
  const cancel = async (bookingId: string | undefined) =>
    expect((await running.api.post(`/bookings/${bookingId}/cancel`)).status).toBe(200);
  const entryOf = async (eventId: string, id: string) =>
    (await running.api.get(`/events/${eventId}/waitlist/${id}`)).body.entry;
  const edit = (eventId: string, patch: Record<string, unknown>) =>
    running.api.request('PATCH', `/events/${eventId}`, patch, { 'if-match': '*' });

  it('offers what is cancelled to the first who waits, as a hold, and never to the public', async () => {
    const { api } = running;
    const price = { amount: 4_500, currency: 'EUR' };
    const { eventId, bookings } = await soldOut(2, { price });
    const answer = await api.join(eventId, { userId: 'ann' });
    expect(answer.status).toBe(201);
    const { _id } = answer.body.entry;
    expect(answer.headers.get('location')).toBe(`/events/${eventId}/waitlist/${_id}`);
    expect(answer.body).toEqual({
      success: true,
      entry: {
        _id: expect.any(String),
        eventId,
        userId: 'ann',
        quantity: 1,
        status: 'waiting',
        position: 1,
        joinedAt: expect.any(String),
      },
    });
    const bob = await joined(eventId, 'bob');
    expect(await entryOf(eventId, bob)).toMatchObject({ status: 'waiting', position: 2 });

    await cancel(bookings[0]);
    expectProblem(await api.book(eventId, { userId: 'public' }), 409, 'sold_out');
    expect(await countsOf(eventId)).toEqual([0, 1, 1]);
    expect(await entryOf(eventId, _id)).toMatchObject({ status: 'offered', position: 0, holdId: _id });
    expect(await entryOf(eventId, bob)).toMatchObject({ status: 'waiting', position: 1 });
    expect((await api.get(`/holds/${_id}`)).body.hold).toMatchObject({
      status: 'active',
      userId: 'ann',
      items: [{ quantity: 1, price }],
      waitlistEntryId: _id,
      expiresInSeconds: 600,
    });
    expectProblem(await api.post(`/holds/${_id}/extend`, { ttlSeconds: 3_600 }), 409, 'hold_too_long');

    const confirmed = await api.post(`/holds/${_id}/confirm`);
    expect([confirmed.status, confirmed.body.booking.userId]).toEqual([201, 'ann']);
    expect(await entryOf(eventId, _id)).toMatchObject({ status: 'accepted', holdId: _id });
  });

  it('passes an offer on that is declined, released or left', async () => {
    const { api } = running;
    const { eventId, bookings } = await soldOut(1);
    const [ann, bob, eve] = [await joined(eventId, 'ann'), await joined(eventId, 'bob'), await joined(eventId, 'eve')];
    await cancel(bookings[0]);
    expect((await api.post(`/holds/${ann}/release`)).status).toBe(200);
    expect(await entryOf(eventId, ann)).toMatchObject({ status: 'left' });
    expect(await entryOf(eventId, bob)).toMatchObject({ status: 'offered' });
    const left = await api.post(`/events/${eventId}/waitlist/${bob}/leave`);
    expect([left.status, left.body.entry.status]).toEqual([200, 'left']);
    expect((await api.post(`/events/${eventId}/waitlist/${bob}/leave`)).status).toBe(200);
    expect(await entryOf(eventId, eve)).toMatchObject({ status: 'offered' });
    await api.post(`/events/${eventId}/waitlist/${eve}/leave`);
    expect(await countsOf(eventId)).toEqual([1, 0, 0]);
    expectProblem(await api.join(eventId), 409, 'tickets_available');
  });

  it('passes over whom the tickets do not fit, who keeps the place', async () => {
    const { eventId, bookings } = await soldOut(4);
    const [two, one] = [await joined(eventId, 'ann', { quantity: 2 }), await joined(eventId, 'bob')];
    await cancel(bookings[0]);
    expect(await entryOf(eventId, one)).toMatchObject({ status: 'offered' });
    await cancel(bookings[1]);
    // Nobody waits for one ticket: it is for everybody, until there are two.
    expect(await countsOf(eventId)).toEqual([1, 1, 2]);
    await cancel(bookings[2]);
    expect(await countsOf(eventId)).toEqual([0, 3, 1]);
    expect(await entryOf(eventId, two)).toMatchObject({ status: 'offered' });
  });

  it('offers nothing beyond the limit of a user, who keeps the place', async () => {
    const { api } = running;
    const { eventId, bookings } = await soldOut(3, { maxTicketsPerUser: 2 });
    const ann = await joined(eventId, 'ann', { quantity: 2 });
    // The user gets another ticket meanwhile.
    expect((await api.post(`/bookings/${bookings[0]}/transfer`, { userId: 'ann' })).status).toBe(200);
    const bob = await joined(eventId, 'bob', { quantity: 2 });
    await cancel(bookings[1]);
    await cancel(bookings[2]);
    expect(await entryOf(eventId, ann)).toMatchObject({ status: 'waiting', position: 1 });
    expect(await entryOf(eventId, bob)).toMatchObject({ status: 'offered' });
    expectProblem(await api.join(eventId, { userId: 'ann2', quantity: 3 }), 409, 'user_limit_reached');
  });

  it('gets more capacity before the public does', async () => {
    const { eventId } = await soldOut(1);
    const ann = await joined(eventId, 'ann', { quantity: 3 });
    const edited = await edit(eventId, { totalTickets: 5 });
    expect(edited.body.event).toMatchObject({ availableTickets: 1, heldTickets: 3, soldTickets: 1 });
    expect(await entryOf(eventId, ann)).toMatchObject({ status: 'offered' });
  });

  it('hands over when an event that was paused goes on, and ends with the sale', async () => {
    const { api } = running;
    const { eventId, bookings } = await soldOut(3);
    const ann = await joined(eventId, 'ann');
    await edit(eventId, { status: 'paused' });
    await cancel(bookings[0]);
    expect(await countsOf(eventId)).toEqual([0, 1, 2]);
    expect(await entryOf(eventId, ann)).toMatchObject({ status: 'waiting' });
    const bob = await joined(eventId, 'bob');
    expect((await edit(eventId, { status: 'on_sale' })).status).toBe(200);
    expect(await entryOf(eventId, ann)).toMatchObject({ status: 'offered' });
    await edit(eventId, { status: 'ended' });
    expect(await entryOf(eventId, bob)).toMatchObject({ status: 'expired' });
    expectProblem(await api.join(eventId, { userId: 'eve' }), 409, 'not_on_sale');
    await cancel(bookings[1]);
    expect(await countsOf(eventId)).toEqual([1, 1, 1]);
    await edit(eventId, { status: 'on_sale' });
    expect(await entryOf(eventId, bob)).toMatchObject({ status: 'expired', position: 0 });
    expectProblem(await api.post(`/events/${eventId}/waitlist/${bob}/leave`), 409, 'wrong_state');
  });

  it('is left by everybody when the event is cancelled', async () => {
    const { eventId, bookings } = await soldOut(2);
    const [ann, bob] = [await joined(eventId, 'ann'), await joined(eventId, 'bob')];
    await cancel(bookings[0]);
    await edit(eventId, { status: 'cancelled' });
    expect((await entryOf(eventId, ann)).status).toBe('left');
    expect((await entryOf(eventId, bob)).status).toBe('left');
  });

  it('has a user once for each section, and repeats the first answer to a key', async () => {
    const { api } = running;
    const event = await api.createEvent({
      sections: [
        { name: 'Stalls', capacity: 1 },
        { name: 'Balcony', capacity: 1 },
      ],
    });
    const [stalls, balcony] = event.sections.map(({ _id }: { _id: string }) => _id);
    for (const sectionId of [stalls, balcony]) await api.book(event._id, { sectionId });
    const key = { 'idempotency-key': 'join-1' };
    const first = await api.join(event._id, { sectionId: stalls }, key);
    const again = await api.join(event._id, { sectionId: stalls }, key);
    expect([again.status, again.headers.get('idempotent-replayed'), again.body]).toEqual([201, 'true', first.body]);
    expectProblem(await api.join(event._id, { sectionId: balcony }, key), 422, 'idempotency_key_reused');
    const second = await api.join(event._id, { sectionId: stalls, quantity: 2 });
    expect([second.status, second.body.entry]).toEqual([200, first.body.entry]);
    expect((await api.join(event._id, { sectionId: balcony })).status).toBe(201);
    expectProblem(await api.join(event._id), 400, 'section_required');
    expectProblem(await api.join(event._id, { sectionId: event._id }), 404, 'section_not_found');
    expectProblem(await edit(event._id, { sections: [{ _id: stalls, remove: true }] }), 409, 'section_in_use');
    expectProblem(await api.request('DELETE', `/events/${event._id}`), 409, 'event_in_use');
  });

  it('is listed in its order, page by page, by state and user', async () => {
    const { api } = running;
    const { eventId, bookings } = await soldOut(2);
    for (const userId of ['ann', 'bob', 'eve', 'joe']) await joined(eventId, userId);
    await cancel(bookings[0]);
    const list = async (query: string) => (await api.get(`/events/${eventId}/waitlist${query}`)).body;
    const usersIn = (body: { entries: { userId: string }[] }) => body.entries.map(({ userId }) => userId);
    expect(usersIn(await list(''))).toEqual(['ann', 'bob', 'eve', 'joe']);
    expect((await list('')).entries.map(({ position }: { position: number }) => position)).toEqual([0, 1, 2, 3]);
    expect(usersIn(await list('?status=offered'))).toEqual(['ann']);
    expect(usersIn(await list('?status=waiting&userId=eve'))).toEqual(['eve']);
    const page = await list('?status=waiting&limit=2');
    expect(usersIn(page)).toEqual(['bob', 'eve']);
    expect(usersIn(await list(`?status=waiting&limit=2&cursor=${page.nextCursor}`))).toEqual(['joe']);
    await edit(eventId, { status: 'ended' });
    expect(usersIn(await list('?status=expired'))).toEqual(['bob', 'eve', 'joe']);
    expect(usersIn(await list('?status=waiting'))).toEqual([]);
    expectProblem(await api.get(`/events/${eventId}/waitlist?status=no`), 400, 'validation_failed');
    expectProblem(await api.get(`/events/${eventId}/waitlist/${eventId}`), 404, 'waitlist_entry_not_found');
  });

  it('refuses bad input, and changes nothing', async () => {
    const { api, db } = running;
    const { eventId } = await soldOut(1);
    const bad = [
      {},
      { userId: 'ann', quantity: 0 },
      { userId: 'ann', quantity: 11 },
      { userId: 'ann', sectionId: 'x' },
    ];
    for (const body of bad)
      expectProblem(await api.post(`/events/${eventId}/waitlist`, body), 400, 'validation_failed');
    expectProblem(await api.join('0123456789abcdef01234567'), 404, 'event_not_found');
    expect(await db.collection('waitlistEntries').countDocuments({ eventId: new mongo.ObjectId(eventId) })).toBe(0);
  });

  it('offers what expires, also when nobody asks for anything but the entry', async () => {
    const app = await startApp({ config: { offerSeconds: 1 } });
    const { api } = app;
    const event = await api.createEvent({ totalTickets: 1 });
    const { _id: held } = (await api.hold(event._id, { ttlSeconds: 1 })).body.hold;
    const ids: string[] = [];
    for (const userId of ['ann', 'bob']) ids.push((await api.join(event._id, { userId })).body.entry._id);
    await new Promise((done) => setTimeout(done, 1_100));
    const look = async (id: string | undefined) => (await api.get(`/events/${event._id}/waitlist/${id}`)).body.entry;
    expect((await api.get(`/holds/${held}`)).body.hold.status).toBe('expired');
    expect((await look(ids[0])).status).toBe('offered');
    await new Promise((done) => setTimeout(done, 1_100));
    expect((await look(ids[1])).status).toBe('offered');
    expect((await look(ids[0])).status).toBe('expired');
    expectProblem(await api.post(`/holds/${ids[0]}/confirm`), 410, 'hold_expired');
    expect(await findImbalances(app.db)).toEqual([]);
    await app.close();
  });
});
