import { describe, expect, it } from '@jest/globals';
import { openBooks, type SoldTickets } from '../../src/seed-import/opening-counts.js';
import { counts, idOf, NOW } from '../support/factories.js';

/** An id as the database has them, as far as the books look at it. */
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
const [STALLS, BALCONY] = [new Id(0xa), new Id(0xb)];

const open = (fields: Record<string, unknown>, sold: readonly SoldTickets<Id>[] = []) =>
  openBooks({ _id: EVENT, name: 'Concert Night', ...fields }, sold);
const soldIn = (sectionId: Id | null, sold: number) => ({ sectionId, sold });

describe("an event of the seed's README", () => {
  it('is opened as it stands when its books balance', () => {
    expect(open({ totalTickets: 10, availableTickets: 7 }, [soldIn(null, 3)])).toEqual({
      name: 'Concert Night',
      status: 'on_sale',
      totalTickets: 10,
      ...counts(7, 3),
      sections: [],
      version: 1,
      revision: 1,
      createdAt: new Date(NOW),
      imbalances: [],
    });
  });

  it('gets the tickets back that a crash has lost, and says so', () => {
    const opened = open({ totalTickets: 10, availableTickets: 5 }, [soldIn(null, 3)]);
    expect(opened).toMatchObject({ status: 'on_sale', totalTickets: 10, ...counts(7, 3) });
    expect(opened.imbalances).toEqual(['the event: capacity 10, available 5, sold 3 by its bookings']);
  });

  it('has ended when it was oversold: its capacity is what was sold, and what it was is kept', () => {
    const opened = open({ totalTickets: 2, availableTickets: 0 }, [soldIn(null, 5)]);
    expect(opened).toMatchObject({ status: 'ended', totalTickets: 5, importedCapacity: 2, ...counts(0, 5) });
    expect(opened.imbalances).toHaveLength(1);
  });

  it('keeps the time of its creation, where the seed has noted it', () => {
    const createdAt = new Date('2025-12-24T18:00:00.000Z');
    expect(open({ totalTickets: 1, availableTickets: 1, createdAt }).createdAt).toBe(createdAt);
  });
});

describe("an event of the seed's code", () => {
  const sections = [
    { _id: STALLS, name: 'Stalls', price: 50, capacity: 5, remaining: 3 },
    { _id: BALCONY, name: 'Balcony', price: 20, capacity: 4, remaining: 4 },
  ];

  it('is opened section by section, the event as their sum', () => {
    const opened = open({ sections }, [soldIn(STALLS, 2)]);
    expect(opened).toMatchObject({ status: 'on_sale', totalTickets: 9, ...counts(7, 2), imbalances: [] });
    expect(opened.sections).toEqual([
      { ...sections[0], ...counts(3, 2) },
      { ...sections[1], ...counts(4, 0) },
    ]);
  });

  it("has ended when a section was sold through its neighbour, though the event's sum would still do", () => {
    const opened = open({ sections }, [soldIn(STALLS, 7)]);
    expect(opened).toMatchObject({ status: 'ended', totalTickets: 11, importedCapacity: 9, ...counts(4, 7) });
    expect(opened.sections[0]).toMatchObject({ capacity: 7, importedCapacity: 5, ...counts(0, 7) });
    expect(opened.sections[1]).not.toHaveProperty('importedCapacity');
    expect(opened.imbalances).toEqual(['section "Stalls": capacity 5, available 3, sold 7 by its bookings']);
  });

  it('counts the bookings that name none of its sections in a section of their own', () => {
    const opened = open({ sections }, [soldIn(STALLS, 2), soldIn(EVENT, 3)]);
    expect(opened.sections[2]).toMatchObject({ _id: EVENT, capacity: 3, importedCapacity: 0, ...counts(0, 3) });
    expect(opened).toMatchObject({ status: 'ended', totalTickets: 12, importedCapacity: 9, ...counts(7, 5) });
    expect(opened.imbalances).toEqual(['no section of the event: capacity 0, available 0, sold 3 by its bookings']);
  });

  it('reports a section that its own counter shows to be oversold', () => {
    const opened = open({ sections: [{ ...sections[0], capacity: 5, remaining: -2 }] }, [soldIn(STALLS, 7)]);
    expect(opened.sections[0]).toMatchObject({ capacity: 7, importedCapacity: 5, ...counts(0, 7) });
    expect(opened.imbalances).toEqual(['section "Stalls": capacity 5, available -2, sold 7 by its bookings']);
  });

  it.each([[undefined], ['']])('gives a name to a section that has none: %p', (name) => {
    const opened = open({ sections: [{ _id: STALLS, name, capacity: 2, remaining: 2 }] });
    expect(opened.sections[0]).toMatchObject({ _id: STALLS, name: 'Untitled section', ...counts(2) });
  });

  it('keeps a long name, and shortens it in what is reported', () => {
    const name = '🎭'.repeat(300);
    const opened = open({ name, sections: [{ _id: STALLS, name, capacity: 2, remaining: 1 }] });
    expect(opened.name).toBe(name);
    expect(opened.sections[0]!.name).toBe(name);
    expect(opened.imbalances).toEqual([expect.stringMatching(/^section "🎭{200}": /u)]);
  });

  it('has no tickets when it has no sections', () => {
    expect(open({ sections: [] })).toMatchObject({ totalTickets: 0, ...counts(0), sections: [], imbalances: [] });
  });
});

describe('an event whose capacity is no count', () => {
  it.each([
    ['a fraction', 9.5, 10],
    ['negative', -3, 0],
  ])('is opened with one when it is %s, and reported', (_what, totalTickets, capacity) => {
    const opened = open({ totalTickets, availableTickets: totalTickets });
    expect(opened).toMatchObject({ totalTickets: capacity, ...counts(capacity) });
    const figures = `capacity ${totalTickets}, available ${totalTickets}, sold 0 by its bookings`;
    expect(opened.imbalances).toEqual([`the event: ${figures}`]);
  });
});

describe('an event without a name', () => {
  it.each([[undefined], ['']])('gets one: %p', (name) => {
    expect(open({ name, totalTickets: 1, availableTickets: 1 }).name).toBe('Untitled event');
  });
});
