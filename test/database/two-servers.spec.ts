import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findImbalances } from '../support/check-books.js';
import { HeldLaneFactory, withHeldLanes } from '../support/lanes.js';
import { SkippingClock, withSkippingClock } from '../support/skipping-clock.js';
import { type RunningApp, startApp } from '../support/start-app.js';

describe('two servers on one database', () => {
  let one: RunningApp;
  let other: RunningApp;
  beforeAll(async () => {
    one = await startApp({ override: withHeldLanes() });
    other = await startApp({ uri: one.uri });
  });
  afterAll(() => Promise.all([one.close(), other.close()]));

  it('book in turns: what each of them remembers of the event is always outdated, and nobody is told', async () => {
    const event = await one.api.createEvent({ totalTickets: 8 });
    const statuses: number[] = [];
    for (let turn = 1; turn <= 5; turn++) {
      for (const { api } of [one, other]) statuses.push((await api.book(event._id)).status);
    }
    expect(statuses).toEqual([...Array<number>(8).fill(201), 409, 409]);
    expect(await findImbalances(one.db)).toEqual([]);
  });

  it('cancel what the other has booked, and sell it again', async () => {
    const event = await one.api.createEvent({ totalTickets: 1 });
    for (const [seller, canceller] of [
      [one, other],
      [other, one],
      [one, one],
      [other, other],
    ] as const) {
      const booked = await seller.api.book(event._id);
      expect(booked.status).toBe(201);
      expect((await canceller.api.post(`/bookings/${booked.body.booking._id}/cancel`)).status).toBe(200);
    }
    expect(await findImbalances(one.db)).toEqual([]);
  });

  it('refuse together only what is still sold out: of two events, the other server has taken one ticket back', async () => {
    const [freed, full, occupied] = await Promise.all(
      [1, 1, 1].map((totalTickets) => one.api.createEvent({ totalTickets })),
    );
    const returned = (await one.api.book(freed._id)).body.booking._id;
    expect((await one.api.book(full._id)).status).toBe(201);
    expect((await other.api.post(`/bookings/${returned}/cancel`)).status).toBe(200);
    const lanes = HeldLaneFactory.of(one);

    lanes.hold();
    const underWay = one.api.book(occupied._id);
    await lanes.untilArrived(1);
    const batch = [freed, full].map(({ _id }) => one.api.book(_id));
    await lanes.untilArrived(3);
    lanes.release();

    expect((await underWay).status).toBe(201);
    expect((await Promise.all(batch)).map(({ status }) => status)).toEqual([201, 409]);
    expect(await findImbalances(one.db)).toEqual([]);
  });

  it('edit what the other has edited: an edit changes nothing only where nothing has changed meanwhile', async () => {
    const event = await one.api.createEvent({ totalTickets: 8 });
    const edit = ({ api }: RunningApp, patch: object, ifMatch = '*') =>
      api.request('PATCH', `/events/${event._id}`, patch, { 'if-match': ifMatch });
    // From now on, the other server remembers an event that is on sale.
    expect((await other.api.book(event._id)).status).toBe(201);
    expect((await edit(one, { status: 'paused' })).status).toBe(200);

    expect((await edit(other, { status: 'on_sale' }, '"1-2"')).status).toBe(412);
    expect((await other.api.book(event._id)).body.code).toBe('not_on_sale');
    expect((await edit(one, { status: 'on_sale' })).status).toBe(200);
    expect((await one.api.book(event._id)).status).toBe(201);
    expect((await edit(other, { status: 'paused' })).status).toBe(200);
    const resumed = await edit(one, { status: 'on_sale' });
    expect([resumed.status, resumed.body.event.version]).toEqual([200, 5]);
    expect((await other.api.book(event._id)).status).toBe(201);
    expect(await findImbalances(one.db)).toEqual([]);
  });
});

describe('two servers on one database, of which one has made a hold', () => {
  let one: RunningApp;
  let other: RunningApp;
  beforeAll(async () => {
    const override = withSkippingClock();
    one = await startApp({ override });
    other = await startApp({ uri: one.uri, override });
  });
  afterAll(() => Promise.all([one.close(), other.close()]));

  it('both show its tickets as available once it has ended', async () => {
    const event = await one.api.createEvent({ totalTickets: 8 });
    // From now on, the other server remembers an event without holds.
    expect((await other.api.book(event._id)).status).toBe(201);
    expect((await one.api.hold(event._id, { quantity: 3, ttlSeconds: 60 })).status).toBe(201);

    SkippingClock.of(one).skip(60);

    const shown = (await other.api.get(`/events/${event._id}`)).body.event;
    expect(shown).toMatchObject({ availableTickets: 7, heldTickets: 0 });
  });
});
