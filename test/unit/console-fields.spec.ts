import { describe, expect, it } from '@jest/globals';
import { type Fields, rebase, toFields, toNewEvent, toPatch } from '../../console/src/forms/fields.js';
import { toMajor, toMinor } from '../../console/src/lib/minor-units.js';
import type { TicketEvent } from '../../console/src/lib/types.js';

const EVENT: TicketEvent = {
  _id: '67841f2a3b4c5d6e7f809100',
  name: 'Gala',
  status: 'on_sale',
  totalTickets: 300,
  availableTickets: 300,
  heldTickets: 0,
  soldTickets: 0,
  sections: [
    { _id: '1', name: 'Stalls', capacity: 100, availableTickets: 100, price: { amount: 4_950, currency: 'EUR' } },
    { _id: '2', name: 'Balcony', capacity: 200, availableTickets: 200 },
  ],
  version: 1,
  revision: 1,
  createdAt: '2026-01-01T09:00:00.000Z',
};

/** The fields with a section changed. */
const withSection = (fields: Fields, place: number, change: Partial<Fields['sections'][number]>): Fields => ({
  ...fields,
  sections: fields.sections.map((section, index) => (index === place ? { ...section, ...change } : section)),
});

describe('the form of an event', () => {
  it('patches what differs, and nothing else', () => {
    const base = toFields(EVENT);
    expect(toPatch(base, base)).toEqual({});
    const mine = { ...withSection(base, 0, { amount: '' }), name: 'Late Gala', maxTicketsPerUser: '4' };
    expect(toPatch(base, mine)).toEqual({
      name: 'Late Gala',
      maxTicketsPerUser: 4,
      sections: [{ _id: '1', price: null }],
    });
    expect(toPatch({ ...base, reference: 'a' }, base)).toEqual({ reference: null });
  });

  it('puts the changes of one on top of those of another, member by member of a section', () => {
    const base = toFields(EVENT);
    const mine = { ...withSection(base, 0, { name: 'Floor' }), name: 'Mine' };
    const theirs = { ...withSection(base, 0, { capacity: '150', amount: '60.00' }), reference: 'theirs' };
    const both = rebase(base, mine, theirs);
    expect(both).toMatchObject({ name: 'Mine', reference: 'theirs' });
    expect(both.sections[0]).toMatchObject({ name: 'Floor', capacity: '150', amount: '60.00' });
    expect(toPatch(theirs, both)).toEqual({ name: 'Mine', sections: [{ _id: '1', name: 'Floor' }] });
  });

  it('keeps new sections, and drops what somebody else has removed', () => {
    const base = toFields(EVENT);
    const added = { id: undefined, name: 'Box', capacity: '10', amount: '', isRemoved: false };
    const mine = { ...base, sections: [...base.sections, added] };
    const theirs = { ...base, sections: base.sections.slice(0, 1) };
    expect(rebase(base, mine, theirs).sections.map(({ name }) => name)).toEqual(['Stalls', 'Box']);
  });

  it('creates with one pool or with sections', () => {
    const one = { ...toFields(EVENT), sections: [], totalTickets: '12', amount: '5', currency: 'JPY' };
    expect(toNewEvent(one)).toMatchObject({ totalTickets: 12, price: { amount: 5, currency: 'JPY' } });
    expect(toNewEvent(toFields(EVENT))).toMatchObject({
      sections: [
        { name: 'Stalls', capacity: 100, price: { amount: 4_950, currency: 'EUR' } },
        { name: 'Balcony', capacity: 200 },
      ],
    });
  });

  it('leaves to the server what is no number', () => {
    const base = { ...toFields(EVENT), sections: [] };
    expect(toPatch(base, { ...base, totalTickets: '1e3', amount: '1,000' })).toEqual({
      totalTickets: '1e3',
      price: { amount: '1,000', currency: 'EUR' },
    });
  });
});

describe('amounts of money', () => {
  it('are read as people write them, and refused where they are no amount', () => {
    expect(['49', '49.5', '49,50', ' 0.05 '].map((text) => toMinor(text, 'EUR'))).toEqual([4_900, 4_950, 4_950, 5]);
    for (const text of ['1,000', '1.234,50', '12.345', 'abc', '', '-1', '1e3'])
      expect(toMinor(text, 'EUR')).toBeUndefined();
    expect([toMinor('1280', 'JPY'), toMinor('1280.5', 'JPY'), toMinor('1.25', 'KWD'), toMinor('490', 'HUF')]).toEqual([
      1_280,
      undefined,
      1_250,
      49_000,
    ]);
  });

  it('are written with the digits of their currency', () => {
    expect([toMajor(4_950, 'EUR'), toMajor(1_280, 'JPY'), toMajor(1_250, 'KWD')]).toEqual(['49.50', '1280', '1.250']);
  });
});
