import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeCursor, sealCursor } from '../../src/common/page.js';
import {
  cursorAfter,
  EVENT_SORTS,
  type EventFilter,
  type EventSort,
  nameOfList,
  placeIn,
} from '../../src/events/event-list.js';
import { anEvent, EVENT_ID, NOW } from '../support/factories.js';

const EVERYTHING: EventFilter = {
  onlyAvailable: false,
  name: undefined,
  status: undefined,
  startsFrom: undefined,
  startsTo: undefined,
};

describe('a cursor of events', () => {
  const back = (sort: EventSort, fields: Parameters<typeof anEvent>[0] = {}) =>
    placeIn(cursorAfter(anEvent(fields), sort, 'list'), sort, 'list');

  it('leads back to what the list is sorted by', () => {
    expect(back('newest')).toEqual({ key: new Date(NOW), id: EVENT_ID });
    expect(back('startsAt', { startsAt: NOW + 1 })).toEqual({ key: new Date(NOW + 1), id: EVENT_ID });
    expect(back('startsAt')).toEqual({ key: undefined, id: EVENT_ID });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(back('name', { name })).toEqual({ key: name, id: EVENT_ID });
      }),
    );
  });

  it('has for the default list the form that it always had', () => {
    const list = nameOfList(EVERYTHING, 'newest');
    expect(list).toBe('events?available=false');
    expect(cursorAfter(anEvent(), 'newest', list)).toBe(encodeCursor({ at: new Date(NOW), id: EVENT_ID }, list));
  });

  it.each([
    ['newest', 0],
    ['newest', 7],
    ['startsAt', 9],
  ] as const)('is refused by %s with a key of %d bytes', (sort, length) => {
    const cursor = sealCursor(Buffer.alloc(length), EVENT_ID, 'list');
    expect(() => placeIn(cursor, sort, 'list')).toThrow('cursor');
  });

  it.each(['newest', 'startsAt'] as const)('is refused by %s with a time that no clock shows', (sort) => {
    expect(() => placeIn(sealCursor(Buffer.alloc(8, 0x7f), EVENT_ID, 'list'), sort, 'list')).toThrow('cursor');
  });
});

describe('the name of a list', () => {
  it('differs wherever a filter or the order does', () => {
    const text = fc.option(fc.constantFrom('a', 'b', 'a&status=draft', '&', 'undefined'), { nil: undefined });
    const time = fc.option(fc.constantFrom(0, 1, NOW), { nil: undefined });
    const status = fc.option(fc.constantFrom('draft' as const, 'on_sale' as const), { nil: undefined });
    const filter = fc.record({ onlyAvailable: fc.boolean(), name: text, status, startsFrom: time, startsTo: time });
    const list = fc.record({ filter, sort: fc.constantFrom(...EVENT_SORTS) });
    fc.assert(
      fc.property(list, list, (one, other) => {
        const isSame = nameOfList(one.filter, one.sort) === nameOfList(other.filter, other.sort);
        expect(isSame).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 2_000 },
    );
  });
});
