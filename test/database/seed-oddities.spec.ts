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

  it('shows and keeps bookings that name no event at all', async () => {
    const { api } = await takeOver(
      [{ _id: EVENT, name: 'Opera', totalTickets: 5, availableTickets: 5 }],
      [{ eventId: 'the opera', userId: 'ann' }, { userId: 'bob' }, { eventId: EVENT, userId: 'cid' }],
    );

    const { status, body } = await api.get('/bookings');
    const page = await api.get('/bookings?limit=10');

    expect(status).toBe(200);
    expect(page.body.bookings).toEqual(body.bookings);
    const byUser = new Map(body.bookings.map((booking: { userId: string }) => [booking.userId, booking]));
    expect(byUser.get('ann')).toMatchObject({ eventId: 'the opera', status: 'confirmed' });
    expect(byUser.get('bob')).toMatchObject({ eventId: '', status: 'confirmed' });
    expect(byUser.get('cid')).toMatchObject({ eventId: idOf(1), status: 'confirmed' });
    const { _id } = byUser.get('ann') as { _id: string };
    expect(await api.post(`/bookings/${_id}/cancel`)).toMatchObject({ status: 404, body: { code: 'event_not_found' } });
  });
});
