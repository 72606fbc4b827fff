import { describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { judgeBooking, judgeEvent, judgeMovement } from '../../src/seed-import/shapes.js';
import { idOf } from '../support/factories.js';

const ID = new mongo.ObjectId(idOf(1));
const SECTION = new mongo.ObjectId(idOf(2));
const AT = new Date('2026-01-13T10:30:00.000Z');
const OUT_OF_RANGE = new Date(8.64e15);

const stalls = { _id: SECTION, name: 'Stalls', price: 50, capacity: 5, remaining: 3 };
const whole = { _id: ID, name: 'Opera', totalTickets: 5, availableTickets: 4, __v: 0 };
const divided = { _id: ID, name: 'Opera', sections: [stalls], createdAt: AT, updatedAt: AT, __v: 0 };
const ticket = { _id: SECTION, eventId: ID, userId: 'ann', bookedAt: AT, __v: 0 };
const several = { _id: SECTION, eventId: ID, sectionId: SECTION, qty: 2, createdAt: AT, updatedAt: AT, __v: 0 };

const without = (document: object, field: string) =>
  Object.fromEntries(Object.entries(document).filter(([name]) => name !== field));
const withSection = (fields: object) => ({ ...divided, sections: [{ ...stalls, ...fields }] });
const foreign = (cause: string) => ({ kind: 'foreign', cause });

describe("an event of the Express API's", () => {
  it.each<[string, object]>([
    ['that is one pool', whole],
    ['with sections', divided],
    ['with a price', { ...whole, price: 12.5 }],
    ['that lacks a name', without(whole, 'name')],
    ['of which a crash has lost tickets', { ...whole, availableTickets: -3.5 }],
    ['that is empty', { ...whole, totalTickets: 0 }],
    ['whose creator has sent a fraction', { ...whole, totalTickets: 9.5, availableTickets: 9.5 }],
    ['whose creator has sent a negative number', withSection({ capacity: -3, remaining: -3 })],
    ['as large as may be', { ...whole, totalTickets: 1e9 }],
    ['with no sections yet', { _id: ID, name: 'Opera', sections: [] }],
    ['with an empty list of sections beside its tickets', { ...whole, sections: [] }],
    [
      'with sections that lack ids and names',
      {
        ...divided,
        sections: [
          { capacity: 5, remaining: 5 },
          { capacity: 1, remaining: 1 },
        ],
      },
    ],
    [
      'with more sections than a new event may have',
      {
        ...divided,
        sections: Array.from({ length: 201 }, () => ({ capacity: 1, remaining: 1 })),
      },
    ],
    ['with a section that was sold through its neighbour', withSection({ remaining: -2 })],
  ])('%s is one', (_what, event) => {
    expect(judgeEvent(event as never)).toEqual({ kind: 'seed' });
  });

  it.each<[object, string]>([
    [{}, '`_id` is missing'],
    [{ ...whole, _id: 'opera' }, '`_id` is a string, not an ObjectId'],
    [{ ...whole, _id: 7 }, '`_id` is a number, not an ObjectId'],
    [{ ...whole, name: 7 }, '`name` is a number, not a string'],
    [{ ...whole, name: null }, '`name` is null, not a string'],
    [without(whole, 'totalTickets'), '`totalTickets` is missing'],
    [without(whole, 'availableTickets'), '`availableTickets` is missing'],
    [{ ...whole, totalTickets: '5' }, '`totalTickets` is a string, not a finite number'],
    [{ ...whole, totalTickets: Infinity }, '`totalTickets` is Infinity, not a finite number'],
    [{ ...whole, totalTickets: NaN }, '`totalTickets` is NaN, not a finite number'],
    [{ ...whole, totalTickets: 1e9 + 1 }, '`totalTickets` is more than 1000000000'],
    [{ ...whole, totalTickets: new mongo.Decimal128('5') }, '`totalTickets` is a Decimal128, not a finite number'],
    [{ ...whole, totalTickets: [5] }, '`totalTickets` is an array, not a finite number'],
    [{ ...whole, availableTickets: -Infinity }, '`availableTickets` is -Infinity, not a finite number'],
    [{ ...whole, price: '50' }, '`price` is a string, not a finite number'],
    [{ ...whole, price: { amount: 5, currency: 'EUR' } }, '`price` is an object, not a finite number'],
    [{ ...whole, sections: null }, '`sections` is null, not an array'],
    [{ ...whole, sections: {} }, '`sections` is an object, not an array'],
    [{ ...divided, sections: [null] }, '`sections` has a wrong element: it is null, not an object'],
    [{ ...divided, sections: [['a']] }, '`sections` has a wrong element: it is an array, not an object'],
    [{ ...divided, sections: [AT] }, '`sections` has a wrong element: it is a date, not an object'],
    [withSection({ _id: null }), '`sections` has a wrong element: `_id` is null, not an ObjectId'],
    [withSection({ name: 7 }), '`sections` has a wrong element: `name` is a number, not a string'],
    [withSection({ price: true }), '`sections` has a wrong element: `price` is a boolean, not a finite number'],
    [withSection({ capacity: '5' }), '`sections` has a wrong element: `capacity` is a string, not a finite number'],
    [withSection({ remaining: undefined }), '`sections` has a wrong element: `remaining` is missing'],
    [withSection({ row: 7 }), '`sections` has a wrong element: "row" is no field of the Express API'],
    [{ ...divided, sections: [stalls, stalls] }, '`sections` has two of the same `_id`, or one of the event'],
    [withSection({ _id: ID }), '`sections` has two of the same `_id`, or one of the event'],
    [
      { ...divided, sections: [1, 2].map((capacity) => ({ capacity: 1e9 - 1 + capacity - 1, remaining: 0 })) },
      '`sum of the capacities` is more than 1000000000',
    ],
    [{ ...whole, createdAt: '2026-01-13' }, '`createdAt` is a string, not a date of the years 0 to 9999'],
    [{ ...whole, createdAt: null }, '`createdAt` is null, not a date of the years 0 to 9999'],
    [{ ...whole, createdAt: OUT_OF_RANGE }, '`createdAt` is a date out of range, not a date of the years 0 to 9999'],
    [{ ...whole, updatedAt: new Date(NaN) }, '`updatedAt` is a date out of range, not a date of the years 0 to 9999'],
    [{ ...whole, updatedAt: new Date(-1e14) }, '`updatedAt` is a date out of range, not a date of the years 0 to 9999'],
    [{ ...whole, __v: '0' }, '`__v` is a string, not a finite number'],
    [{ ...whole, status: 'on_sale' }, '"status" is no field of the Express API'],
    [{ ...whole, version: 3 }, '"version" is no field of the Express API'],
    [{ ...whole, toString: 3 }, '"toString" is no field of the Express API'],
    [{ ...whole, ['x'.repeat(999)]: 3 }, `"${'x'.repeat(40)}" is no field of the Express API`],
  ])('is not %p', (event, cause) => {
    expect(judgeEvent(event as never)).toEqual(foreign(cause));
  });
});

describe("a booking of the Express API's", () => {
  it.each<[string, object]>([
    ['of one ticket', ticket],
    ['of several tickets', several],
    ['of a part of a ticket', { ...several, qty: 1.5 }],
    ['of a quantity', { ...ticket, quantity: 3 }],
    [
      'that names its event and section by their digits',
      { ...several, eventId: idOf(1), sectionId: idOf(0xabc).toUpperCase() },
    ],
    ['that has null for what it lacks', { ...ticket, userId: null, sectionId: null }],
    ['without a time', { _id: ID, eventId: ID }],
    ['that is cancelled', { ...ticket, status: 'cancelled', cancelledAt: AT }],
    ['that is confirmed', { ...ticket, status: 'confirmed' }],
  ])('%s is one', (_what, booking) => {
    expect(judgeBooking(booking as never)).toEqual({ kind: 'seed' });
  });

  it.each<[object, string]>([
    [{ ...ticket, _id: idOf(1) }, '`_id` is a string, not an ObjectId'],
    [without(ticket, 'eventId'), '`eventId` is missing'],
    [{ ...ticket, eventId: null }, '`eventId` is null, not an ObjectId or its 24 hex digits'],
    [{ ...ticket, eventId: 'the opera' }, '`eventId` is a string, not an ObjectId or its 24 hex digits'],
    [{ ...ticket, eventId: `${idOf(1)}0` }, '`eventId` is a string, not an ObjectId or its 24 hex digits'],
    [{ ...ticket, eventId: [ID] }, '`eventId` is an array, not an ObjectId or its 24 hex digits'],
    [{ ...ticket, userId: 7 }, '`userId` is a number, not a string'],
    [{ ...ticket, userId: ID }, '`userId` is an ObjectId, not a string'],
    [{ ...ticket, sectionId: 'stalls' }, '`sectionId` is a string, not an ObjectId or its 24 hex digits'],
    [{ ...several, qty: '2' }, '`qty` is a string, not a finite number'],
    [{ ...several, qty: 0 }, '`qty` is less than 1'],
    [{ ...several, qty: 0.5 }, '`qty` is less than 1'],
    [{ ...several, qty: 1e9 + 1 }, '`qty` is more than 1000000000'],
    [{ ...several, qty: null }, '`qty` is null, not a finite number'],
    [{ ...ticket, quantity: -2 }, '`quantity` is less than 1'],
    [{ ...several, quantity: 2 }, '`qty` and `quantity` are both there'],
    [{ ...ticket, status: 'pending' }, '`status` is a string, not confirmed or cancelled'],
    [{ ...ticket, bookedAt: AT.toISOString() }, '`bookedAt` is a string, not a date of the years 0 to 9999'],
    [{ ...ticket, bookedAt: Number(AT) }, '`bookedAt` is a number, not a date of the years 0 to 9999'],
    [
      { ...ticket, cancelledAt: OUT_OF_RANGE },
      '`cancelledAt` is a date out of range, not a date of the years 0 to 9999',
    ],
    [{ ...ticket, seats: ['A1'] }, '"seats" is no field of the Express API'],
  ])('is not %p', (booking, cause) => {
    expect(judgeBooking(booking as never)).toEqual(foreign(cause));
  });
});

describe('a document of our own', () => {
  const counts = { availableTickets: 1, heldTickets: 0, soldTickets: 4 };
  const event = {
    ...{
      _id: ID,
      name: 'Opera',
      status: 'on_sale',
      totalTickets: 5,
      ...counts,
      version: 1,
      revision: 7,
      createdAt: AT,
    },
    sections: [{ _id: SECTION, name: 'Stalls', capacity: 5, ...counts }],
    anything: 'else',
  };
  const booking = {
    ...{ _id: SECTION, eventId: ID, userId: null, quantity: 2, status: 'confirmed', bookedAt: AT },
    items: [{ sectionId: SECTION, quantity: 2 }],
    anything: 'else',
  };
  const movement = { eventId: ID, revision: 1, lines: [{ kind: 'opened', quantity: 5 }], at: AT };

  it('is known by its fields, whatever stands beside them and whether or not its counts balance', () => {
    expect(judgeEvent(event)).toEqual({ kind: 'own' });
    expect(judgeEvent({ ...event, soldTickets: 9, sections: [] })).toEqual({ kind: 'own' });
    expect(judgeBooking(booking)).toEqual({ kind: 'own' });
    expect(judgeBooking({ ...booking, quantity: 9, items: [{ quantity: 2 }] })).toEqual({ kind: 'own' });
    expect(judgeMovement(movement)).toEqual({ kind: 'own' });
  });

  it('may name its event by what is no id, when an earlier takeover has kept it', () => {
    expect(judgeBooking({ ...booking, eventId: 'the opera', imported: true })).toEqual({ kind: 'own' });
  });

  it.each([...Object.keys(event)].filter((field) => field !== 'anything' && field !== 'revision'))(
    'is foreign when it is an event whose %s can not be read',
    (field) => {
      const cause = `\`revision\` is there as after a takeover, but \`${field}\` is null, not `;
      expect(judgeEvent({ ...event, [field]: null })).toEqual(foreign(expect.stringContaining(cause) as never));
    },
  );

  it.each([...Object.keys(booking)].filter((field) => !['anything', 'userId'].includes(field)))(
    'is foreign when it is a booking whose %s can not be read',
    (field) => {
      const cause = `\`items\` is there as after a takeover, but \`${field}\` is null, not `;
      expect(judgeBooking({ ...booking, [field]: null })).toEqual(foreign(expect.stringContaining(cause) as never));
    },
  );

  it.each<[string, object]>([
    ['no number', { ...event, revision: '7' }],
    ['null', { ...event, revision: null }],
    ['there, and its sections are none', { ...event, sections: [{ _id: SECTION, capacity: 5, remaining: 3 }] }],
  ])('is foreign when it is an event whose revision is %s', (_what, wrong) => {
    expect(judgeEvent(wrong as never).kind).toBe('foreign');
  });

  it.each<[string, object]>([
    ['are empty', { ...booking, items: [] }],
    ['name a section by its digits', { ...booking, items: [{ sectionId: idOf(2), quantity: 2 }] }],
    ['lack a quantity', { ...booking, items: [{ sectionId: SECTION }] }],
  ])('is foreign when it is a booking whose items %s', (_what, wrong) => {
    expect(judgeBooking(wrong as never).kind).toBe('foreign');
  });

  it.each(Object.keys(movement))('is foreign when it is a movement without %s', (field) => {
    expect(judgeMovement(without(movement, field))).toEqual(foreign(`\`${field}\` is missing`));
  });
});
