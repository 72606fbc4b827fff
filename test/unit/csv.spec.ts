import { describe, expect, it } from '@jest/globals';
import { toBookingsCsv } from '../../src/bookings/api/booking-csv.js';
import type { Booking } from '../../src/bookings/booking.js';
import { toCsvLine, toHarmlessText } from '../../src/common/csv.js';
import { anEventWith, aSection, idOf, NOW } from '../support/factories.js';

describe('a line of CSV', () => {
  it.each([
    [['a', 1, undefined, ''], 'a,1,,\r\n'],
    [['a,b', 'say "no"', '"'], '"a,b","say ""no""",""""\r\n'],
    [['two\nlines', 'two\r\nlines', 'one\rline'], '"two\nlines","two\r\nlines","one\rline"\r\n'],
    [[' a ', 'ä🎫', "it's"], " a ,ä🎫,it's\r\n"],
  ])('is written as RFC 4180 says: %j', (cells, line) => {
    expect(toCsvLine(cells)).toBe(line);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '=', '＝1', '＋1', '－1', '＠1'])(
    'has no formula: %j',
    (text) => {
      expect(toHarmlessText(text)).toBe(`'${text}`);
    },
  );

  it.each(['', 'user123', 'a=1', ' =1', '1-2', "'=1", '"=1', 'mail@example.org'])('keeps other text: %j', (text) => {
    expect(toHarmlessText(text)).toBe(text);
  });
});

describe('the bookings of an event as CSV', () => {
  const HEADER = '_id,userId,status,section,quantity,remaining,amount,currency,bookedAt,cancelledAt,reference\r\n';
  const [stalls, lost] = [idOf(0xa), idOf(0xb)];
  const event = anEventWith([aSection(stalls, { name: '=Stalls, left' })]);
  const booking: Booking = {
    id: idOf(1),
    eventId: event.id,
    userId: 'ann',
    items: [{ sectionId: stalls, quantity: 2, price: undefined }],
    quantity: 2,
    bought: undefined,
    changes: 0,
    status: 'confirmed',
    bookedAt: NOW,
    cancelledAt: undefined,
    reference: undefined,
    metadata: undefined,
    idempotency: undefined,
    soldBy: undefined,
  };
  const write = async (bookings: readonly Booking[], start?: string) => {
    async function* all() {
      yield* await Promise.resolve(bookings);
    }
    const pieces = [];
    for await (const piece of toBookingsCsv({ event, bookings: all() }, start)) pieces.push(piece);
    return pieces.join('');
  };

  it('has its header, with what stands before it, where there is none', async () => {
    expect(await write([])).toBe(HEADER);
    expect(await write([], '\ufeff')).toBe(`\ufeff${HEADER}`);
  });

  it('has a row for each item as bought, with what is left of it', async () => {
    const price = { amount: 4500, currency: 'EUR' };
    const whole = [
      { sectionId: stalls, quantity: 3, price },
      { sectionId: lost, quantity: 1, price: undefined },
    ];
    const partly = { ...booking, bought: { userId: 'bob', items: whole }, items: [{ ...whole[0]!, quantity: 1 }] };
    const cancelled = { ...booking, id: idOf(2), status: 'cancelled' as const, cancelledAt: NOW + 1, reference: '-1' };

    expect(await write([{ ...partly, quantity: 1 }, cancelled], '\ufeff')).toBe(
      [
        `\ufeff${HEADER}${idOf(1)},ann,confirmed,"'=Stalls, left",3,1,4500,EUR,2026-01-13T10:30:00.000Z,,`,
        `${idOf(1)},ann,confirmed,${lost},1,0,,,2026-01-13T10:30:00.000Z,,`,
        `${idOf(2)},ann,cancelled,"'=Stalls, left",2,0,,,2026-01-13T10:30:00.000Z,2026-01-13T10:30:00.001Z,'-1`,
        '',
      ].join('\r\n'),
    );
  });

  it('says nothing of a user that an import does not know, nor of a section where there are none', async () => {
    const imported = { ...booking, userId: null, items: [{ sectionId: undefined, quantity: 2, price: undefined }] };
    expect(await write([imported])).toBe(`${HEADER}${idOf(1)},,confirmed,,2,2,,,2026-01-13T10:30:00.000Z,,\r\n`);
  });
});
