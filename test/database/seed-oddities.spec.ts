import { afterEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { findImbalances } from '../support/check-books.js';
import { idOf } from '../support/factories.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

const EVENT = new mongo.ObjectId(idOf(1));

describe("a database of the seed's that was edited by hand", () => {
  let servers: RunningApp[] = [];
  afterEach(() => Promise.all(servers.map((server) => server.close())));

  async function takeOver(events: object[], bookings: object[], count = 1): Promise<RunningApp> {
    const uri = freshDatabaseUri();
    const client = new mongo.MongoClient(uri);
    await client.db().collection('events').insertMany(events);
    await client.db().collection('bookings').insertMany(bookings);
    await client.close();
    servers = await Promise.all(Array.from({ length: count }, () => startApp({ uri })));
    return servers[0]!;
  }

  it('gives sections without an id one each, also when two servers start at once', async () => {
    const sections = [
      { name: 'Balcony', capacity: 4, remaining: 4 },
      { name: 'Stalls', capacity: 6, remaining: 5 },
    ];
    const { api, db } = await takeOver([{ _id: EVENT, name: 'Opera', sections }], [{ eventId: EVENT, qty: 2 }], 2);

    const { event } = (await api.get(`/events/${idOf(1)}`)).body;
    const ids = event.sections.map(({ _id }: { _id: string }) => _id);
    const [balcony] = event.sections;

    expect(new Set(ids).size).toBe(3);
    // Two tickets were sold in no section: they have a pool of their own, and nobody can buy them again.
    expect(event).toMatchObject({ totalTickets: 12, availableTickets: 10, soldTickets: 2, status: 'ended' });
    expect(balcony).toMatchObject({ name: 'Balcony', capacity: 4, availableTickets: 4 });
    expect((await api.get(`/events/${idOf(1)}/integrity`)).body).toMatchObject({ balanced: true });
    expect(await findImbalances(db)).toEqual([]);
  });

  it('keeps a cancelled booking cancelled: its tickets are for sale, and it can not be cancelled twice', async () => {
    const { api, db } = await takeOver(
      [{ _id: EVENT, name: 'Opera', totalTickets: 5, availableTickets: 5 }],
      [
        { eventId: EVENT, userId: 'ann', quantity: 2, status: 'cancelled' },
        { eventId: EVENT, userId: 'bob', status: 'confirmed' },
      ],
    );

    const { bookings } = (await api.get('/bookings?userId=ann')).body;
    expect(bookings).toMatchObject([{ status: 'cancelled', quantity: 2 }]);
    expect((await api.get(`/events/${idOf(1)}`)).body.event).toMatchObject({ availableTickets: 4, soldTickets: 1 });
    expect(await api.post(`/bookings/${bookings[0]._id}/cancel`)).toMatchObject({
      status: 200,
      body: { booking: { status: 'cancelled' } },
    });
    const bob = (await api.get('/bookings?userId=bob')).body.bookings[0];
    expect((await api.post(`/bookings/${bob._id}/cancel`)).status).toBe(200);
    expect((await api.get(`/events/${idOf(1)}`)).body.event).toMatchObject({ availableTickets: 5, soldTickets: 0 });
    expect((await api.get(`/events/${idOf(1)}/integrity`)).body).toMatchObject({ balanced: true });
    expect(await findImbalances(db)).toEqual([]);
  });

  it('sells every section of an event with more of them than a new event may have', async () => {
    const sections = Array.from({ length: 201 }, (_, index) => ({ name: `Row ${index}`, capacity: 2, remaining: 2 }));
    const { api, db } = await takeOver([{ _id: EVENT, name: 'Opera', sections }], [{ eventId: new mongo.ObjectId() }]);

    const { event } = (await api.get(`/events/${idOf(1)}`)).body;
    expect(event.sections).toHaveLength(201);
    const booked = await api.book(idOf(1), { sectionId: event.sections[200]._id });
    expect(booked.status).toBe(201);
    expect((await api.post(`/bookings/${booked.body.booking._id}/cancel`)).status).toBe(200);
    expect(await findImbalances(db)).toEqual([]);
  });
});
