import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { validateSync } from 'class-validator';
import { PageQuery } from '../../src/common/http/page.query.js';
import { IfPresent, IsId, IsStringPairs, IsText } from '../../src/common/http/validators.js';

class Request {
  @IsText(5)
  text: unknown = 'text';

  @IsId()
  id: unknown = '67841f2a3b4c5d6e7f809100';

  @IfPresent()
  @IsText(5)
  maybe?: unknown;

  @IsStringPairs({ pairs: 2, keyLength: 9, valueLength: 4 })
  pairs: unknown = {};
}

const isValid = <Target extends object>(target: Target, fields: Partial<Target>) =>
  validateSync(Object.assign(target, fields)).length === 0;
const LONE_SURROGATE = '\ud800';

describe('a text', () => {
  it.each(['a', '12345', ' a ', '🎟️', 'ä', 'a\0'])('may be %j', (text) => {
    expect(isValid(new Request(), { text })).toBe(true);
  });

  it.each([
    '',
    '   ',
    '\t\n',
    '\0',
    '\u200b',
    '123456',
    LONE_SURROGATE,
    `a${LONE_SURROGATE}b`,
    5,
    null,
    undefined,
    ['a'],
    {},
  ])('may not be %j', (text) => {
    expect(isValid(new Request(), { text })).toBe(false);
  });
});

describe('an id', () => {
  it.each(['0'.repeat(24), 'ABCDEF'.repeat(4)])('may be %s', (id) => {
    expect(isValid(new Request(), { id })).toBe(true);
  });

  it.each([
    '',
    '0'.repeat(23),
    '0'.repeat(25),
    'g'.repeat(24),
    `${'0'.repeat(24)}\n`,
    1,
    null,
    { $ne: null },
    ['0'.repeat(24)],
  ])('may not be %j', (id) => {
    expect(isValid(new Request(), { id })).toBe(false);
  });
});

describe('a member that may be left out', () => {
  it('may be left out, but not be null', () => {
    expect(isValid(new Request(), { maybe: undefined })).toBe(true);
    expect(isValid(new Request(), { maybe: null })).toBe(false);
    expect(isValid(new Request(), { maybe: 'text' })).toBe(true);
  });
});

describe('pairs of strings', () => {
  it.each([{}, { a: '' }, { abcdefghi: '1234', d: 'x' }, { 'a.b': '$' }, JSON.parse('{"__proto__": "x"}')])(
    'may be %j',
    (pairs) => {
      expect(isValid(new Request(), { pairs })).toBe(true);
    },
  );

  it.each([
    null,
    'text',
    ['a'],
    { '': 'a' },
    { abcdefghij: 'a' },
    { a: '12345' },
    { a: 1 },
    { a: null },
    { a: { b: 'c' } },
    { a: '1', b: '2', c: '3' },
    { [LONE_SURROGATE]: 'a' },
    { a: LONE_SURROGATE },
  ])('may not be %j', (pairs) => {
    expect(isValid(new Request(), { pairs })).toBe(false);
  });
});

describe('the limit of a page', () => {
  it.each(['1', '50', '100'])('may be %s', (limit) => {
    expect(isValid(new PageQuery(), { limit })).toBe(true);
  });

  it.each(['0', '101', '-1', '01', '1.5', '1e1', ' 1', '٣', '', '10000'])('may not be %j', (limit) => {
    expect(isValid(new PageQuery(), { limit })).toBe(false);
  });
});
