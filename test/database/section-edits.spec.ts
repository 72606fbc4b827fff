import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { Clock } from '../../src/common/clock.js';
import type { Event, Section } from '../../src/events/event.js';
import { applyMovement, type Movement, type MovementLine } from '../../src/events/inventory/movement.js';
import { TicketInventoryRepository } from '../../src/events/inventory/ticket-inventory.repository.js';
import { Outdated, Transactions } from '../../src/platform/database/index.js';
import { aSection, counts, idOf } from '../support/factories.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const PRICE = { amount: 4500, currency: 'EUR' };
const BOXES = idOf(0xb0);

describe('a movement that changes sections', () => {
  let running: RunningApp;
  let id: string;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());
  beforeEach(async () => {
    const sections = [
      { name: 'Stalls', capacity: 10, price: PRICE },
      { name: 'Balcony', capacity: 5 },
    ];
    id = (await running.api.createEvent({ sections }))._id;
    await move(movementOn(await read(), [line('booked', 4, (await read()).sections[0])]));
  });

  const events = () => running.db.collection('events');
  const stored = async () => (await events().findOne({ _id: new mongo.ObjectId(id) }))!;
  const edit = (update: mongo.UpdateFilter<mongo.Document>) =>
    events().updateOne({ _id: new mongo.ObjectId(id) }, update);
  const read = async () => (await running.app.get(TicketInventoryRepository).readCommitted([id])).get(id)!;

  /** One transaction, tried once. */
  const move = async (movement: Movement) => {
    const attempt = { number: 1, mayHaveCommitted: false, deadline: running.app.get(Clock).monotonic() + 60_000 };
    const { kind } = await running.app.get(Transactions).attempt(attempt, async (tx) => {
      if (!(await running.app.get(TicketInventoryRepository).move(tx, [movement]))) throw new Outdated();
    });
    return kind;
  };

  const boxes = (capacity: number): [Section, MovementLine] => [
    aSection(BOXES, { ...counts(0), capacity: 0, name: 'Boxes', price: PRICE }),
    line('added', capacity, { id: BOXES }),
  ];

  it.each<[string, (sections: [Section, Section]) => Pick<Movement, 'lines' | 'changes'>]>([
    [
      'adds one',
      ([stalls, balcony]) => ({
        lines: [boxes(3)[1]],
        changes: { sections: [stalls, balcony, boxes(3)[0]], version: 2 },
      }),
    ],
    ['removes one', ([stalls, balcony]) => ({ lines: [line('removed', 5, balcony)], changes: { sections: [stalls] } })],
    [
      'adds, removes, renames, puts into another order and sells at once',
      ([stalls, balcony]) => ({
        lines: [boxes(3)[1], line('removed', 5, balcony), line('removed', 1, stalls), line('booked', 2, stalls)],
        changes: { sections: [boxes(3)[0], { ...stalls, name: 'Floor', price: undefined }], name: 'Matinee' },
      }),
    ],
    [
      'changes prices and fields, and removes fields',
      ([stalls, balcony]) => ({
        lines: [line('added', 2, balcony)],
        changes: {
          sections: [
            { ...stalls, price: { amount: 1, currency: 'JPY' } },
            { ...balcony, price: PRICE },
          ],
          reference: undefined,
          maxTicketsPerUser: 4,
          startsAt: 4_000_000_000_000,
          metadata: { hall: 'B' },
        },
      }),
    ],
    [
      'says what an expression of MongoDB would say',
      ([stalls, balcony]) => ({
        lines: [],
        changes: {
          sections: [
            { ...stalls, name: '$name' },
            { ...balcony, name: '$$ROOT' },
          ],
          name: '$totalTickets',
          reference: '$$REMOVE',
          metadata: { $literal: '$revision' },
        },
      }),
    ],
  ])('leaves in MongoDB the event that the plan has left, where it %s', async (_what, edited) => {
    const before = await read();
    const [stalls, balcony] = before.sections as [Section, Section];
    const movement = movementOn(before, [], edited([stalls, balcony]));

    expect(await move(movement)).toBe('committed');

    expect(await read()).toEqual(applyMovement(before, movement));
  });

  it('keeps a bare number as a price, and what else the seed has written', async () => {
    await edit({ $set: { 'sections.0.price': 50, 'sections.0.remaining': 3 } });
    const before = await read();
    const [stalls, balcony] = before.sections as [Section, Section];
    const changes = {
      sections: [
        { ...stalls, name: 'Floor' },
        { ...balcony, price: PRICE },
      ],
    };
    const movement = movementOn(before, [line('removed', 6, stalls)], { changes });

    expect(await move(movement)).toBe('committed');

    expect(await read()).toEqual(applyMovement(before, movement));
    expect((await stored())['sections']).toMatchObject([
      { name: 'Floor', price: 50, remaining: 3, capacity: 4, availableTickets: 0 },
      { name: 'Balcony', price: PRICE },
    ]);
  });

  it.each([true, false])(
    'adds to counts that were edited by hand after they were read (a list is written: %s)',
    async (isList) => {
      const before = await read();
      const [stalls, balcony] = before.sections as [Section, Section];
      const changes = { sections: [{ ...stalls, name: 'Floor' }, balcony] };
      const movement = movementOn(before, [line('booked', 2, stalls)], isList ? { changes } : {});
      await edit({
        $inc: { totalTickets: 7, availableTickets: 7, 'sections.0.capacity': 7, 'sections.0.availableTickets': 7 },
      });

      expect(await move(movement)).toBe('committed');

      expect(await read()).toMatchObject({
        totalTickets: 22,
        ...counts(16, 6),
        sections: [
          { capacity: 17, ...counts(11, 6) },
          { capacity: 5, ...counts(5) },
        ],
      });
    },
  );

  it('takes nothing that is not available any more', async () => {
    const before = await read();
    const [stalls, balcony] = before.sections as [Section, Section];
    const movement = movementOn(before, [line('removed', 6, stalls)], {
      changes: { sections: [{ ...stalls, name: 'Floor' }, balcony] },
    });
    const fewer = {
      totalTickets: -1,
      availableTickets: -1,
      'sections.0.capacity': -1,
      'sections.0.availableTickets': -1,
    };
    await edit({ $inc: fewer });
    const unchanged = await stored();

    expect(await move(movement)).toBe('failed');

    expect(await stored()).toEqual(unchanged);
  });
});

function line(kind: MovementLine['kind'], quantity: number, section?: Pick<Section, 'id'>): MovementLine {
  return { kind, quantity, sectionId: section?.id, bookingId: kind === 'booked' ? idOf(1) : undefined };
}

function movementOn(
  { id: eventId, revision, status, maxTicketsPerUser }: Event,
  lines: readonly MovementLine[],
  more: Partial<Movement> = {},
): Movement {
  return { eventId, revision, terms: { status, maxTicketsPerUser }, lines, ...more };
}
