import { describe, expect, it } from '@jest/globals';
import { escapeForRegExp, isLongerThan, startOf, toComparable } from '../../src/common/text.js';

describe('the length of a text', () => {
  it.each([
    ['abc', 3],
    ['🎟🎟🎟', 3],
    ['e\u0301', 2],
    ['👨‍👩‍👧', 5],
    ['❤️', 2],
    ['', 0],
  ])('of %j is %d code points', (text, length) => {
    expect(isLongerThan(length, text)).toBe(false);
    expect(isLongerThan(length - 1, text)).toBe(true);
  });

  it('is cut between characters, never within one', () => {
    expect(startOf('a🎟b🎟', 3)).toBe('a🎟b');
    expect(startOf('🎟'.repeat(200), 128)).toBe('🎟'.repeat(128));
    expect(startOf('abc', 3)).toBe('abc');
  });
});

describe('a text as a regular expression', () => {
  it.each(['a.b', '^$', '(x|y)', '[a-z]{2}', '\\d+', 'a*b?', '#1 / 2-3'])('matches %j and nothing else', (text) => {
    const pattern = new RegExp(`^${escapeForRegExp(text)}$`, 'u');
    expect(pattern.test(text)).toBe(true);
    expect(pattern.test(`${text}x`)).toBe(false);
    expect(pattern.test('aab')).toBe(false);
  });
});

describe('two names', () => {
  it.each([
    ['Balcony', 'BALCONY'],
    ['Straße', 'STRASSE'],
    ['Straße', 'STRAẞE'],
    ['ΟΔΟΣ', 'οδος'],
    ['Å', 'A\u030a'],
    ['Ⅳ', 'IV'],
    ['Ｓｔａｌｌｓ', 'Stalls'],
    ['ﬁrst', 'First'],
    ['Sta\u200blls', 'Stalls'],
    ['Sta\u00adlls\u2060', '\ufeffStalls'],
    ['می\u200cخواهم', 'میخواهم'],
    ['👨‍👩‍👧', '👨👩👧'],
    ['❤️', '❤'],
    [' Stalls ', 'Stalls'],
    ['Row\u00a01', 'Row  1'],
    ['İ', 'i̇'],
  ])('%j and %j are the same to a reader', (one, other) => {
    expect(toComparable(one)).toBe(toComparable(other));
  });

  it.each([
    ['Row 1', 'Row1'],
    ['Row 1', 'Row 2'],
    ['a', 'á'],
    ['Kapı', 'Kapi'],
    ['A', 'А'],
    ['🎟', '🎫'],
  ])('%j and %j are not', (one, other) => {
    expect(toComparable(one)).not.toBe(toComparable(other));
  });
});
