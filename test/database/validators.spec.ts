import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { type RunningApp, startApp } from '../support/start-app.js';

const DOCUMENT_FAILED_VALIDATION = 121;
const DUPLICATE_KEY = 11000;

describe("the database's own wall", () => {
  let running: RunningApp;
  let whole: mongo.ObjectId;
  let divided: mongo.ObjectId;
  let booking: mongo.ObjectId;
  beforeAll(async () => {
    running = await startApp();
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 5 });
    whole = new mongo.ObjectId(event._id as string);
    booking = new mongo.ObjectId((await api.book(event._id, { quantity: 2 })).body.booking._id as string);
    const sections = [
      { name: 'Stalls', capacity: 3 },
      { name: 'Balcony', capacity: 2 },
    ];
    divided = new mongo.ObjectId((await api.createEvent({ sections }))._id as string);
  });
  afterAll(() => running.close());

  const update = (name: string, _id: mongo.ObjectId, change: mongo.UpdateFilter<mongo.Document>) =>
    running.db.collection(name).updateOne({ _id }, change);

  it.each<[string, mongo.UpdateFilter<mongo.Document>]>([
    ['whose counts do not sum to its capacity', { $inc: { availableTickets: -1 } }],
    ['whose capacity is not the sum of its counts', { $inc: { totalTickets: 1 } }],
    ['with a negative count, though the sum is right', { $inc: { availableTickets: -4, soldTickets: 4 } }],
    ['with a count that is no number', { $set: { soldTickets: 'two' } }],
    ['without a count', { $unset: { heldTickets: 1 } }],
    ['with a status that there is not', { $set: { status: 'open' } }],
    ['without a revision', { $unset: { revision: 1 } }],
  ])('refuses an event %s', async (_what, change) => {
    await expect(update('events', whole, change)).rejects.toMatchObject({ code: DOCUMENT_FAILED_VALIDATION });
  });

  it.each<[string, mongo.UpdateFilter<mongo.Document>]>([
    ['do not sum to its capacity', { $inc: { 'sections.0.availableTickets': -1, 'sections.1.availableTickets': 1 } }],
    [
      'are negative',
      {
        $inc: { 'sections.0.availableTickets': -4, 'sections.0.soldTickets': 4, availableTickets: -4, soldTickets: 4 },
      },
    ],
    ["are not in the event's", { $inc: { 'sections.0.availableTickets': -1, 'sections.0.soldTickets': 1 } }],
    ["are in the event's alone", { $inc: { availableTickets: -1, soldTickets: 1 } }],
    ['have a capacity that the event has not', { $inc: { 'sections.0.capacity': 1, 'sections.0.heldTickets': 1 } }],
  ])('refuses a section whose counts %s', async (_what, change) => {
    await expect(update('events', divided, change)).rejects.toMatchObject({ code: DOCUMENT_FAILED_VALIDATION });
  });

  it('lets counts change that balance', async () => {
    const change = {
      'sections.0.availableTickets': -1,
      'sections.0.soldTickets': 1,
      availableTickets: -1,
      soldTickets: 1,
    };
    expect((await update('events', divided, { $inc: change })).modifiedCount).toBe(1);
    expect((await update('events', whole, { $inc: { availableTickets: -1, heldTickets: 1 } })).modifiedCount).toBe(1);
  });

  it.each<[string, mongo.UpdateFilter<mongo.Document>]>([
    ['whose quantity is not the sum of its items', { $inc: { quantity: 1 } }],
    ['of nothing', { $set: { items: [], quantity: 0 } }],
    ['of less than one ticket', { $set: { items: [{ quantity: 0 }], quantity: 0 } }],
    ['with a status that there is not', { $set: { status: 'held' } }],
    ['of nobody', { $unset: { userId: 1 } }],
  ])('refuses a booking %s', async (_what, change) => {
    await expect(update('bookings', booking, change)).rejects.toMatchObject({ code: DOCUMENT_FAILED_VALIDATION });
  });

  it('refuses a second movement that makes the same revision of an event, and one of an unknown kind', async () => {
    const movements = running.db.collection('movements');
    const { _id: _, ...movement } = (await movements.findOne({ eventId: whole, revision: 2 }))!;
    await expect(movements.insertOne({ ...movement })).rejects.toMatchObject({ code: DUPLICATE_KEY });
    const odd = { ...movement, revision: 99, lines: [{ kind: 'lost', quantity: 1 }] };
    await expect(movements.insertOne(odd)).rejects.toMatchObject({ code: DOCUMENT_FAILED_VALIDATION });
  });
});
