import { describe, expect, it } from '@jest/globals';
import { sumLines } from '../../src/events/inventory/movement.js';
import type { StoredPool } from '../../src/events/index.js';
import { type Books, findDifferences } from '../../src/integrity/recount.js';
import { EVENT_ID, idOf } from '../support/factories.js';

const [STALLS, BALCONY, NOWHERE] = [idOf(0xa), idOf(0xb), idOf(0xc)];

const pool = (sectionId: string | undefined, capacity: number, soldTickets: number): StoredPool => ({
  sectionId,
  capacity,
  availableTickets: capacity - soldTickets,
  heldTickets: 0,
  soldTickets,
});
const line = (kind: 'opened' | 'booked' | 'imported', quantity: number, sectionId?: string) => ({
  kind,
  quantity,
  sectionId,
  bookingId: undefined,
});

/** 10 tickets, 3 of them sold. */
const plain = (fields: Partial<Books> = {}): Books => ({
  eventId: EVENT_ID,
  revision: 4,
  whole: pool(undefined, 10, 3),
  sections: [],
  booked: [{ sectionId: undefined, confirmed: 3, imported: 0 }],
  moved: sumLines([line('opened', 10), line('booked', 3)]),
  importedBySection: new Map(),
  lastMovementRevision: 4,
  oddBookings: [],
  ...fields,
});

/** Stalls: 6, 2 of them sold; balcony: 4, 1 of them sold before the import. */
const divided = (fields: Partial<Books> = {}): Books =>
  plain({
    sections: [pool(STALLS, 6, 2), pool(BALCONY, 4, 1)],
    booked: [
      { sectionId: STALLS, confirmed: 2, imported: 0 },
      { sectionId: BALCONY, confirmed: 1, imported: 1 },
    ],
    moved: sumLines([
      line('opened', 6, STALLS),
      line('opened', 4, BALCONY),
      line('booked', 2, STALLS),
      line('imported', 1, BALCONY),
    ]),
    importedBySection: new Map([[BALCONY, 1]]),
    ...fields,
  });

const checksOf = (books: Books) => findDifferences(books).map(({ check }) => check);

describe('the recount', () => {
  it.each([
    ['of one pool', plain()],
    ['of sections', divided()],
    ['of an event that nothing has happened to', plain({ revision: 9, lastMovementRevision: 4 })],
  ])('finds nothing in books that balance: %s', (_what, books) => {
    expect(findDifferences(books)).toEqual([]);
  });

  it('says what was compared, where, what it should be and what it is', () => {
    const sold = pool(STALLS, 6, 2);
    const books = divided({ sections: [{ ...sold, availableTickets: 3 }, pool(BALCONY, 4, 1)] });
    expect(findDifferences(books)).toEqual([
      { check: 'capacity = available + held + sold', sectionId: STALLS, expected: 5, found: 6 },
      { check: 'availableTickets by the sections', expected: 6, found: 7 },
      { check: 'availableTickets by the movements', sectionId: STALLS, expected: 4, found: 3 },
    ]);
  });

  const whole = pool(undefined, 10, 3);
  const opened = { whole: pool(undefined, 11, 3), moved: sumLines([line('opened', 11), line('booked', 3)]) };
  it.each<[string, Books]>([
    ['capacity = available + held + sold', plain({ whole: { ...whole, heldTickets: 1 } })],
    ['no count is negative', plain({ whole: { ...whole, availableTickets: -1 } })],
    ['soldTickets by the bookings', plain({ booked: [{ sectionId: undefined, confirmed: 2, imported: 0 }] })],
    ['soldTickets by the bookings', plain({ booked: [] })],
    ['capacity by the movements', plain({ moved: sumLines([line('opened', 9), line('booked', 3)]) })],
    ['availableTickets by the movements', plain({ moved: sumLines([line('opened', 10), line('booked', 2)]) })],
    ['soldTickets by the movements', plain({ moved: sumLines([line('opened', 10), line('booked', 2)]) })],
    ['heldTickets by the movements', plain({ whole: { ...whole, availableTickets: 6, heldTickets: 1 } })],
    ['imported tickets by the bookings', plain({ importedBySection: new Map([[undefined, 1]]) })],
    ['imported tickets by the bookings', divided({ importedBySection: new Map() })],
    ['event.revision covers the movements', plain({ lastMovementRevision: 5 })],
    ['totalTickets by the sections', divided(opened)],
    ['availableTickets by the sections', divided({ whole: { ...whole, availableTickets: 6 } })],
    ['heldTickets by the sections', divided({ whole: { ...whole, heldTickets: 1 } })],
    ['soldTickets by the sections', divided({ whole: { ...whole, soldTickets: 4 } })],
    [
      'bookings of no pool of the event',
      divided({ booked: [...divided().booked, { sectionId: NOWHERE, confirmed: 1, imported: 0 }] }),
    ],
  ])('finds a difference in: %s', (check, books) => {
    expect(checksOf(books)).toContain(check);
  });

  it('passes on the bookings whose own movements do not add up to them', () => {
    const odd = { check: 'movements of the booking', bookingId: idOf(1), expected: 2, found: 1 };
    expect(findDifferences(plain({ oddBookings: [odd] }))).toEqual([odd]);
  });
});
