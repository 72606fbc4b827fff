import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { type RunningApp, startApp } from '../support/start-app.js';

const TICKET = '🎟';

describe('texts', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());

  it.each([TICKET.repeat(200), '👨‍👩‍👧 می\u200cخواهم', 'אולם \u200f1'])('an event may be called %s', async (name) => {
    expect((await running.api.createEvent({ name, totalTickets: 1 })).name).toBe(name);
  });

  it('may be as long in characters as the contract says, whatever they take in UTF-16', async () => {
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
