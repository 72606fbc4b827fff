import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, type Position, toPage } from '../../src/common/page.js';
import { idOf, NOW } from '../support/factories.js';

const LIST = 'bookings?event=&user=';
const POSITION: Position = { at: new Date(NOW), id: idOf(0xabc) };
const CURSOR = encodeCursor(POSITION, LIST);
const REFUSED = { status: 400, code: 'validation_failed', errors: [{ pointer: '#/cursor' }] };

const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('a cursor', () => {
  it('leads back to the place it was made of', () => {
    const hex = fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 24, maxLength: 24 });
    const position = fc.record({ at: fc.date({ noInvalidDate: true }), id: hex.map((digits) => digits.join('')) });
    fc.assert(
      fc.property(position, fc.string(), (at, list) => {
        expect(decodeCursor(encodeCursor(at, list), list)).toEqual(at);
      }),
    );
  });

  it('is made of the characters that need no escape in a URL', () => {
    expect(CURSOR).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it('is refused by any other list', () => {
    const thrown = thrownBy(() => decodeCursor(CURSOR, 'bookings?event=&user=mallory'));
    expect(thrown).toMatchObject(REFUSED);
  });

  it('is refused with any of its characters changed', () => {
    for (let index = 0; index < CURSOR.length; index++) {
      const forged = CURSOR.slice(0, index) + (CURSOR[index] === 'A' ? 'B' : 'A') + CURSOR.slice(index + 1);
      expect(thrownBy(() => decodeCursor(forged, LIST))).toMatchObject(REFUSED);
    }
  });

  it('is refused when its last character says the same bits in another way', () => {
    // 26 bytes leave four bits over: base64url has sixteen spellings of the end, of which one is ours.
    const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter((end) =>
      Buffer.from(CURSOR.slice(0, -1) + end, 'base64url').equals(Buffer.from(CURSOR, 'base64url')),
    );
    const accepted = spellings.filter((end) => {
      try {
        return Boolean(decodeCursor(CURSOR.slice(0, -1) + end, LIST));
      } catch {
        return false;
      }
    });
    expect(spellings.length).toBeGreaterThan(1);
    expect(accepted).toEqual([CURSOR.at(-1)]);
  });

  it.each([
    ['empty', ''],
    ['truncated', CURSOR.slice(0, -1)],
    ['too long', `${CURSOR}A`],
    ['padded', `${CURSOR}=`],
    ['no base64url', `+${CURSOR.slice(1)}`],
    ['only zeros', 'A'.repeat(CURSOR.length)],
  ])('is refused when it is %s', (_what, cursor) => {
    expect(thrownBy(() => decodeCursor(cursor, LIST))).toMatchObject(REFUSED);
  });
});

describe('a page', () => {
  const positionOf = (number: number): Position => ({ at: new Date(NOW), id: idOf(number) });

  it('has a cursor behind its last item when one more was read', () => {
    const page = toPage([3, 2, 1], 2, LIST, positionOf);
    expect(page.items).toEqual([3, 2]);
    expect(decodeCursor(page.nextCursor!, LIST)).toEqual(positionOf(2));
  });

  it.each([[[3, 2]], [[3]], [[]]])('has none at the end: %j', (read) => {
    expect(toPage(read, 2, LIST, positionOf)).toEqual({ items: read, nextCursor: null });
  });
});
