import { describe, expect, it } from '@jest/globals';
import { idempotencyKeyOf } from '../../src/common/http/idempotency-key.js';
import { fingerprintOf } from '../../src/common/idempotency.js';

describe('an Idempotency-Key', () => {
  it.each([
    [undefined, undefined],
    ['order-1001', 'order-1001'],
    ['"order-1001"', 'order-1001'],
    ['a"b', 'a"b'],
    [String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ['~', '~'],
    ['k'.repeat(255), 'k'.repeat(255)],
    [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
  ])('written as %j is %j', (header, key) => {
    expect(idempotencyKeyOf({ headers: { 'idempotency-key': header } })).toBe(key);
  });

  it.each([
    '',
    '""',
    '"',
    '"open',
    String.raw`"a\"`,
    String.raw`"a\b"`,
    '"two" "strings"',
    'two keys',
    'one, two',
    'schlüssel',
    'tab\t',
    'k'.repeat(256),
  ])('may not be %j', (header) => {
    expect(() => idempotencyKeyOf({ headers: { 'idempotency-key': header } })).toThrow(
      expect.objectContaining({ code: 'validation_failed' }),
    );
  });
});

describe('a fingerprint', () => {
  it('is the same for the same wish, whatever the order of its members', () => {
    const one = fingerprintOf({ a: 1, list: [{ x: 1, y: 2 }], pairs: { b: '1', a: '2' }, none: undefined });
    expect(fingerprintOf({ pairs: { a: '2', b: '1' }, list: [{ y: 2, x: 1 }], a: 1 })).toBe(one);
  });

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { b: 1 }],
    [{ list: [1, 2] }, { list: [2, 1] }],
    [{ pairs: { a: '1' } }, { pairs: {} }],
  ])('differs for %j and %j', (one, other) => {
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
  });
});
