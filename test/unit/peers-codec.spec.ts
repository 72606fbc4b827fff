import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode, encode } from '../../src/platform/peers/codec.js';

describe('what one server tells another', () => {
  it.each<[string, unknown]>([
    ['a date', { at: new Date('2026-01-13T10:30:00.000Z') }],
    ['what is undefined', { sectionId: undefined, list: [undefined, 1] }],
    ['no end', [Infinity, -Infinity, NaN]],
    ['what looks like a mark', { $: 'date', is: 1 }],
    ['what looks like a marked mark', { $: 'object', is: { $: 'undefined' } }],
    ['nothing', null],
  ])('arrives as it was sent: %s', (_, value) => {
    expect(decode(encode(value))).toStrictEqual(value);
  });

  it('arrives with the members that it has, whatever their names', () => {
    const text = '{"__proto__":{"constructor":1},"a":{"__proto__":null}}';
    const value = decode(encode(JSON.parse(text)));
    expect(JSON.stringify(value)).toBe(text);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('arrives as it was sent, whatever it is', () => {
    const anything = fc.anything({
      withDate: true,
      withNullPrototype: false,
      maxDepth: 4,
      key: fc.constantFrom('$', 'is', 'a'),
    });
    fc.assert(
      fc.property(anything, (value) => {
        // JSON has one zero, and an invalid date is no moment.
        fc.pre(!/-0|Invalid/.test(fc.stringify(value)));
        expect(decode(encode(value))).toStrictEqual(value);
      }),
    );
  });
});
