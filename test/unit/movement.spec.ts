import { describe, expect, it } from '@jest/globals';
import { applyMovement, type MovementKind, type MovementLine, sumLines } from '../../src/events/inventory/movement.js';
import { anEvent, anEventWith, aSection, counts, idOf } from '../support/factories.js';

const [STALLS, BALCONY] = [idOf(0xa), idOf(0xb)];
const line = (kind: MovementKind, quantity: number, sectionId?: string): MovementLine => ({
  kind,
  quantity,
  sectionId,
  bookingId: undefined,
});
const change = (capacity: number, available: number, sold: number) => ({ capacity, ...counts(available, sold) });

describe('the sum of movement lines', () => {
  it.each<[MovementKind, ReturnType<typeof change>]>([
    ['opened', change(2, 2, 0)],
    ['imported', change(0, -2, 2)],
    ['booked', change(0, -2, 2)],
    ['cancelled', change(0, 2, -2)],
  ])('knows what %s tickets do to the counts', (kind, expected) => {
    expect(sumLines([line(kind, 2)])).toEqual({ event: expected, sections: new Map() });
  });

  it('sums the lines of one section before anything is checked, and all of them for the event', () => {
    const { event, sections } = sumLines([
      line('booked', 2, STALLS),
      line('booked', 3, STALLS),
      line('cancelled', 1, BALCONY),
    ]);
    expect(event).toEqual(change(0, -4, 4));
    expect(sections).toEqual(
      new Map([
        [STALLS, change(0, -5, 5)],
        [BALCONY, change(0, 1, -1)],
      ]),
    );
  });

  it('is nothing where there are none', () => {
    expect(sumLines([])).toEqual({ event: change(0, 0, 0), sections: new Map() });
  });

  it('keeps capacity = available + held + sold, whatever moves', () => {
    const { event } = sumLines([line('opened', 9), line('imported', 4), line('booked', 2), line('cancelled', 1)]);
    expect(event.capacity).toBe(event.availableTickets + event.heldTickets + event.soldTickets);
    expect(event).toEqual(change(9, 4, 5));
  });
});

describe('an event after a movement', () => {
  it('has its counts changed and its revision raised, and nothing else', () => {
    const event = anEvent({ ...counts(5, 4, 1), revision: 3 });
    const after = applyMovement(event, { revision: 3, lines: [line('booked', 2)] });
    expect(after).toEqual({ ...event, ...counts(3, 6, 1), revision: 4 });
  });

  it('has the counts of the named section changed and those of its neighbours left', () => {
    const event = anEventWith([aSection(STALLS, counts(5)), aSection(BALCONY, counts(2, 3))]);
    const after = applyMovement(event, { revision: 7, lines: [line('cancelled', 1, BALCONY)] });
    expect(after).toMatchObject({ ...counts(8, 2), sections: [event.sections[0], counts(3, 2)] });
  });

  it('is raised in revision alone by a movement without lines', () => {
    const event = anEvent({ revision: 3 });
    expect(applyMovement(event, { revision: 3, lines: [] })).toEqual({ ...event, revision: 4 });
  });
});
