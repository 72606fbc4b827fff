import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { type RunningApp, startApp } from '../support/start-app.js';

const TICKET = '🎟';

describe('texts and numbers', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());

  it.each([TICKET.repeat(200), '👨‍👩‍👧 می\u200cخواهم', 'אולם \u200f1'])('an event may be called %s', async (name) => {
    expect((await running.api.createEvent({ name, totalTickets: 1 })).name).toBe(name);
  });

  it('texts may be as long in characters as the contract says, whatever they take in UTF-16', async () => {
    const { _id } = await running.api.createEvent();
    const wanted = {
      userId: TICKET.repeat(128),
      reference: TICKET.repeat(128),
      metadata: { [TICKET.repeat(64)]: TICKET.repeat(256) },
    };

    const { status, body } = await running.api.book(_id, wanted);

    expect([status, body.booking]).toEqual([201, expect.objectContaining(wanted)]);
    const { bookings } = (await running.api.get(`/bookings?userId=${encodeURIComponent(wanted.userId)}`)).body;
    expect(bookings).toEqual([body.booking]);
  });

  it.each(['1.0', '1e0', '10e-1'])('numbers may be written as %s: JSON has one kind of them', async (one) => {
    const text = `{"name":"Concert Night","totalTickets":${one},"price":{"amount":-0,"currency":"ZWG"}}`;
    const { event } = (await running.api.post('/events/create', text)).body;

    expect([event.totalTickets, event.price]).toEqual([1, { amount: 0, currency: 'ZWG' }]);
    const stored = await running.db.collection('events').findOne({ _id: new mongo.ObjectId(event._id as string) });
    expect(stored!['price'].amount).toBe(0);
    const booked = await running.api.post('/book', `{"eventId":"${event._id}","userId":"user123","quantity":${one}}`);
    expect(booked.status).toBe(201);
  });

  it('metadata may have any key but __proto__, and a body a byte order mark', async () => {
    const { _id } = await running.api.createEvent();
    const metadata = { constructor: 'a', toString: 'b', prototype: 'c', 'a.b': 'd', $set: 'e' };

    const booked = await running.api.post('/book', `\ufeff${JSON.stringify({ eventId: _id, userId: 'u', metadata })}`);

    expect([booked.status, booked.body.booking.metadata]).toEqual([201, metadata]);
  });

  it('sections are two that differ in a letter, a blank or an accent', async () => {
    const sections = ['Row 1', 'Row1', 'Row 2', 'Röw 2', 'Kapı', 'Kapi'].map((name) => ({ name, capacity: 1 }));

    expect((await running.api.createEvent({ sections })).sections).toHaveLength(sections.length);
  });

  it('what is stored stays in use: names that were taken once, and currencies that are withdrawn', async () => {
    const price = { amount: 100, currency: 'EUR' };
    const sections = ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 5, price }));
    const event = await running.api.createEvent({ sections });
    await running.db.collection('events').updateOne(
      { _id: new mongo.ObjectId(event._id as string) },
      {
        $set: { name: 'a\u202eb\n', 'sections.$[].name': 'Stalls', 'sections.$[].price.currency': 'BGN' },
        $inc: { revision: 1 },
      },
    );

    const sectionId = event.sections[1]._id;
    const booked = await running.api.book(event._id, { sectionId });

    expect([booked.status, booked.body.booking.items[0].price]).toEqual([201, { amount: 100, currency: 'BGN' }]);
    const read = (await running.api.get(`/events/${event._id}`)).body.event;
    expect([read.name, read.sections[0].name, read.sections[1].availableTickets]).toEqual(['a\u202eb\n', 'Stalls', 4]);
    expect((await running.api.post(`/bookings/${booked.body.booking._id}/cancel`)).status).toBe(200);
  });
});
