import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import { type Connection, mongo } from 'mongoose';
import type { Movement, MovementLine } from '../../src/events/inventory/movement.js';
import { TicketInventoryRepository } from '../../src/events/inventory/ticket-inventory.repository.js';
import { Outdated } from '../../src/platform/database/index.js';
import { findImbalances } from '../support/check-books.js';
import { idOf } from '../support/factories.js';
import { type RunningApp, startApp } from '../support/start-app.js';

interface SectionOf {
  readonly _id: string;
}

const ON_SALE = { status: 'on_sale', maxTicketsPerUser: undefined } as const;

describe('moving tickets', () => {
  let running: RunningApp;
  let inventory: TicketInventoryRepository;
  let event: { readonly _id: string };
  let whole: SectionOf;
  let stalls: string;
  let balcony: string;

  beforeAll(async () => {
    running = await startApp();
    inventory = running.app.get(TicketInventoryRepository);
  });
  afterAll(() => running.close());

  beforeEach(async () => {
    whole = await running.api.createEvent({ totalTickets: 5 });
    const created = await running.api.createEvent({
      sections: [
        { name: 'Stalls', capacity: 10 },
        { name: 'Balcony', capacity: 2 },
      ],
    });
    event = created;
    [stalls, balcony] = created.sections.map((section: SectionOf) => section._id);
  });

  const booked = (quantity: number, sectionId?: string): MovementLine => line('booked', quantity, sectionId);
  const line = (kind: MovementLine['kind'], quantity: number, sectionId?: string): MovementLine => {
    return { kind, quantity, sectionId, bookingId: idOf(1) };
  };

  /** One transaction, tried once. */
  const move = async (movements: Omit<Movement, 'terms'>[], number = 1) => {
    const session = running.app.get<Connection>(getConnectionToken()).getClient().startSession();
    try {
      session.startTransaction();
      const tx = { session, attempt: { number, mayHaveCommitted: false } };
      const onSale = movements.map((movement) => ({ terms: ON_SALE, ...movement }));
      if (!(await inventory.move(tx, onSale))) throw new Outdated();
      await session.commitTransaction();
    } finally {
      await session.endSession();
    }
  };
  /** Of the event with sections: the other one's tickets are moved for bookings that nobody makes. */
  const imbalances = async () => (await findImbalances(running.db)).filter(({ eventId }) => eventId === event._id);
  const stored = async () => {
    const read = (name: string) => running.db.collection(name).find().sort({ _id: 1 }).toArray();
    return [await read('events'), await read('movements')];
  };

  const movementOf = async (eventId: string, revision: number) => {
    const movement = await running.db
      .collection('movements')
      .findOne({ eventId: new mongo.ObjectId(eventId), revision });
    return movement?.['lines'] as unknown;
  };

  it('begins with all that there is, in every pool', async () => {
    const [stallsId, balconyId] = [stalls, balcony].map((id) => new mongo.ObjectId(id));
    expect(await movementOf(whole._id, 1)).toEqual([{ kind: 'opened', quantity: 5 }]);
    expect(await movementOf(event._id, 1)).toEqual([
      { kind: 'opened', sectionId: stallsId, quantity: 10 },
      { kind: 'opened', sectionId: balconyId, quantity: 2 },
    ]);
  });

  it('reads the events that are asked for and exist, by id', async () => {
    const ids = [whole._id, idOf(7), 'Concert Night'];
    const session = running.app.get<Connection>(getConnectionToken()).getClient().startSession();
    const read = await session.withTransaction(async () => {
      const tx = { session, attempt: { number: 1, mayHaveCommitted: false } };
      const found = await inventory.read(tx, ids);
      await move([{ eventId: whole._id, revision: 1, lines: [booked(1)] }]);
      // What others have committed meanwhile is none of this transaction.
      expect(await inventory.read(tx, ids)).toEqual(found);
      return found;
    });
    await session.endSession();
    expect([...read.keys()]).toEqual([whole._id]);
    expect(read.get(whole._id)).toMatchObject({ id: whole._id, revision: 1, availableTickets: 5 });
    const committed = await inventory.readCommitted(ids);
    expect(committed.get(whole._id)).toMatchObject({ id: whole._id, revision: 2, availableTickets: 4 });
  });

  it('moves nothing for nobody', async () => {
    const before = await stored();
    await move([]);
    expect(await stored()).toEqual(before);
  });

  it('says when the event was changed', async () => {
    const _id = new mongo.ObjectId(whole._id);
    const read = async () => (await running.db.collection('events').findOne({ _id }))!['updatedAt'] as Date;
    const before = await read();
    await new Promise((done) => setTimeout(done, 2));
    await move([{ eventId: whole._id, revision: 1, lines: [booked(1)] }]);
    expect((await read()).getTime()).toBeGreaterThan(before.getTime());
  });

  it('changes the event, its sections and its revision, and records the movement', async () => {
    await move([
      { eventId: event._id, revision: 1, lines: [booked(3, stalls), booked(1, balcony), booked(2, stalls)] },
    ]);

    const _id = new mongo.ObjectId(event._id);
    expect(await running.db.collection('events').findOne({ _id })).toMatchObject({
      revision: 2,
      availableTickets: 6,
      soldTickets: 6,
      sections: [
        { name: 'Stalls', availableTickets: 5, soldTickets: 5 },
        { name: 'Balcony', availableTickets: 1, soldTickets: 1 },
      ],
    });
    const [stallsId, balconyId, bookingId] = [stalls, balcony, idOf(1)].map((id) => new mongo.ObjectId(id));
    expect(await movementOf(event._id, 2)).toEqual([
      { kind: 'booked', sectionId: stallsId, bookingId, quantity: 3 },
      { kind: 'booked', sectionId: balconyId, bookingId, quantity: 1 },
      { kind: 'booked', sectionId: stallsId, bookingId, quantity: 2 },
    ]);
    // The bookings are not made here: what is wrong is that they are missing, and nothing else.
    expect((await imbalances()).map(({ what }) => what)).toEqual(Array(3).fill('sold by the bookings'));
    await move([
      { eventId: event._id, revision: 2, lines: [line('cancelled', 5, stalls), line('cancelled', 1, balcony)] },
    ]);
    expect(await imbalances()).toEqual([]);
  });

  it('raises the revision alone, and records nothing, for a movement without lines', async () => {
    const movementsBefore = (await stored())[1];
    await move([{ eventId: whole._id, revision: 1, lines: [] }]);
    expect((await stored())[1]).toEqual(movementsBefore);
    expect((await running.api.get(`/events/${whole._id}`)).body.event).toMatchObject({
      revision: 2,
      availableTickets: 5,
    });
  });

  it('keeps the counts of a section that gets back as many as it gives, and records both', async () => {
    await move([{ eventId: event._id, revision: 1, lines: [booked(2, balcony)] }]);
    const returned = [line('cancelled', 2, balcony), booked(2, balcony)];
    await move([{ eventId: event._id, revision: 2, lines: [...returned, booked(4, stalls)] }]);
    await move([{ eventId: event._id, revision: 3, lines: returned }]);

    const _id = new mongo.ObjectId(event._id);
    expect(await running.db.collection('events').findOne({ _id })).toMatchObject({
      revision: 4,
      availableTickets: 6,
      soldTickets: 6,
      sections: [
        { name: 'Stalls', availableTickets: 6, soldTickets: 4 },
        { name: 'Balcony', availableTickets: 0, soldTickets: 2 },
      ],
    });
    expect(await movementOf(event._id, 4)).toHaveLength(2);
  });

  const refused: [string, () => (Omit<Movement, 'terms'> & Partial<Movement>)[]][] = [
    ['the event has moved on', () => [{ eventId: whole._id, revision: 0, lines: [booked(1)] }]],
    ['the event has moved on, though nothing is moved', () => [{ eventId: whole._id, revision: 2, lines: [] }]],
    ['the event has not so many left', () => [{ eventId: whole._id, revision: 1, lines: [booked(6)] }]],
    [
      'the lines together are more than it has',
      () => [{ eventId: whole._id, revision: 1, lines: [booked(3), booked(3)] }],
    ],
    [
      'the section has not so many left, though its neighbour has plenty',
      () => [{ eventId: event._id, revision: 1, lines: [booked(3, balcony)] }],
    ],
    [
      'one of the sections has not so many left',
      () => [{ eventId: event._id, revision: 1, lines: [booked(1, stalls), booked(3, balcony)] }],
    ],
    ['the event has no such section', () => [{ eventId: event._id, revision: 1, lines: [booked(1, idOf(7))] }]],
    [
      'the event has no such section, which gets back as many as it gives',
      () => [{ eventId: event._id, revision: 1, lines: [line('cancelled', 1, idOf(7)), booked(1, idOf(7))] }],
    ],
    [
      'the event is not on the terms that were planned on: paused by hand',
      () => [{ eventId: whole._id, revision: 1, terms: { ...ON_SALE, status: 'paused' }, lines: [booked(1)] }],
    ],
    [
      'the event is not on the terms that were planned on: another limit for each user',
      () => [{ eventId: whole._id, revision: 1, terms: { ...ON_SALE, maxTicketsPerUser: 4 }, lines: [booked(1)] }],
    ],
    ['there is no such event', () => [{ eventId: idOf(7), revision: 1, lines: [booked(1)] }]],
    ['more are returned than were sold', () => [{ eventId: whole._id, revision: 1, lines: [line('cancelled', 1)] }]],
    [
      'the next event of the same transaction refuses',
      () => [
        { eventId: event._id, revision: 1, lines: [booked(1, stalls)] },
        { eventId: whole._id, revision: 1, lines: [booked(6)] },
      ],
    ],
  ];
  it.each(refused)('writes nothing, and leaves no movement behind, when %s', async (_why, movements) => {
    const before = await stored();
    await expect(move(movements())).rejects.toBeInstanceOf(Outdated);
    expect(await stored()).toEqual(before);
  });

  it('lets one of two transactions through that rest on the same revision', async () => {
    const both = await Promise.allSettled(
      [1, 2].map((quantity) => move([{ eventId: whole._id, revision: 1, lines: [booked(quantity)] }])),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await running.api.get(`/events/${whole._id}`)).body.event.revision).toBe(2);
  });
});
