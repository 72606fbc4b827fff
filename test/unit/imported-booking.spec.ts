import { describe, expect, it } from '@jest/globals';
import { type SeedBooking, takeOverBooking } from '../../src/seed-import/imported-booking.js';
import { idOf, NOW } from '../support/factories.js';

/** An id as the database has them, as far as the takeover looks at it. */
class Id {
  constructor(private readonly number: number) {}
  toString(): string {
    return idOf(this.number);
  }
  getTimestamp(): Date {
    return new Date(NOW);
  }
}

const EVENT = new Id(0xe);
const [STALLS, BALCONY, GONE] = [new Id(0xa), new Id(0xb), new Id(0xc)];
const WHOLE = { hasSections: false, sectionIds: new Set<string>() };
const DIVIDED = { hasSections: true, sectionIds: new Set([STALLS, BALCONY].map(String)) };
const AT = new Date('2025-12-24T18:00:00.000Z');

const booking = (fields: Partial<SeedBooking<Id>> = {}): SeedBooking<Id> => ({
  _id: new Id(1),
  eventId: EVENT,
  ...fields,
});

describe('a booking that is taken over', () => {
  it("of the seed's README has one ticket, and its user", () => {
    expect(takeOverBooking(booking({ userId: 'ann', bookedAt: AT }), WHOLE)).toEqual({
      eventId: EVENT,
      userId: 'ann',
      quantity: 1,
      items: [{ quantity: 1 }],
      status: 'confirmed',
      bookedAt: AT,
      imported: true,
    });
  });

  it("of the seed's code has its quantity and its section, and no user", () => {
    expect(takeOverBooking(booking({ sectionId: BALCONY, qty: 3, createdAt: AT }), DIVIDED)).toEqual({
      eventId: EVENT,
      userId: null,
      quantity: 3,
      items: [{ sectionId: BALCONY, quantity: 3 }],
      status: 'confirmed',
      bookedAt: AT,
      imported: true,
    });
  });

  it('without a time was booked when its id was made', () => {
    expect(takeOverBooking(booking(), WHOLE)).toMatchObject({ bookedAt: new Date(NOW) });
  });

  it.each([
    ['names no section', null],
    ['names a section that its event does not have', GONE],
  ])('counts against the pool of the event that has sections, when it %s', (_what, sectionId) => {
    expect(takeOverBooking(booking({ sectionId }), DIVIDED)['items']).toEqual([{ sectionId: EVENT, quantity: 1 }]);
  });

  it('counts against the event that has no sections, even when it names one', () => {
    expect(takeOverBooking(booking({ sectionId: GONE }), WHOLE)['items']).toEqual([{ quantity: 1 }]);
  });

  it('keeps the section that it names when its event does not exist', () => {
    expect(takeOverBooking(booking({ sectionId: GONE }), undefined)['items']).toEqual([
      { sectionId: GONE, quantity: 1 },
    ]);
  });

  it('stays cancelled, is in no opening movement, and keeps the section that it named', () => {
    const cancelled = takeOverBooking(booking({ status: 'cancelled', sectionId: GONE, quantity: 2 }), DIVIDED);
    expect(cancelled).toMatchObject({ status: 'cancelled', quantity: 2, items: [{ sectionId: GONE, quantity: 2 }] });
    expect(cancelled).not.toHaveProperty('imported');
  });

  it.each([
    [{ qty: 1.5 }, 2],
    [{ quantity: 2.01 }, 3],
  ])('of a part of a ticket has all of it: %p', (fields, quantity) => {
    expect(takeOverBooking(booking(fields), WHOLE)).toMatchObject({ quantity, items: [{ quantity }] });
  });

  it('that says it is confirmed is imported like one that says nothing', () => {
    expect(takeOverBooking(booking({ status: 'confirmed' }), WHOLE)).toEqual(takeOverBooking(booking(), WHOLE));
  });
});
