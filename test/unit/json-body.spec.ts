import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseObject } from '../../src/platform/http/json-body.js';

const parse = (text: string) => parseObject(Buffer.from(text));

describe('a body', () => {
  it('of any JSON object is read as it is written', () => {
    const json = fc.object({ maxDepth: 4, key: fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__') });
    fc.assert(
      fc.property(json, (object) => {
        const text = JSON.stringify(object, (_key, value: unknown) =>
          typeof value === 'number' ? (value % 1e6) | 0 : value,
        );
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['{"a":":{\\"a\\":1}\\\\","b":"a:"}', { a: ':{"a":1}\\', b: 'a:' }],
    ['{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]}', { a: { x: 1 }, b: { x: 1 }, c: [{ x: 1 }, { x: 1 }] }],
    ['\ufeff{"a":1}', { a: 1 }],
    [' {"a" : 1.0 , "b":1e0,"c":1E+2}\n', { a: 1, b: 1, c: 100 }],
    ['{"a":-0}', { a: -0 }],
    ['{"a":1e400}', { a: Infinity }],
    ['{"a":123456789012.345,"b":"12345678901234567890"}', { a: 123456789012.345, b: '12345678901234567890' }],
    ['{"constructor":"x","toString":"y"}', { constructor: 'x', toString: 'y' }],
  ])('may be %j', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each([
    ['two members of the same name', '{"a":1,"a":1}'],
    ['two members of the same name', '{"a":1,"\\u0061":2}'],
    ['two members of the same name', '{"b":[{"c":{"a":1,"x":2,"a":3}}]}'],
    ['two members of the same name', '{"a":{"a":1},"a":{"a":1}}'],
    ['a member named __proto__', '{"__proto__":1}'],
    ['a member named __proto__', '{"a":[{"\\u005f_proto__":{}}]}'],
    ['too many digits', '{"a":1.00000000000000001}'],
    ['too many digits', '{"a":[999999999999.00001]}'],
    ['too many digits', '{"a":10000000000000000000000000}'],
    ['nested too deeply', `{"a":${'['.repeat(9)}${']'.repeat(9)}}`],
    ['not valid JSON', '{"a":1}}'],
    ['not valid JSON', '{"a":1}\0'],
    ['not valid JSON', ' \ufeff{"a":1}'],
    ['not valid JSON', '\ufeff\ufeff{"a":1}'],
    ['not valid JSON', '{"a":01}'],
    ['not valid JSON', '{"a":+1}'],
    ['not valid JSON', '{"a":.5}'],
    ['not valid JSON', '{"a":Infinity}'],
    ['not valid JSON', '{"a":"\t"}'],
    ['must be a JSON object', '[]'],
  ])('with %s is refused: %j', (reason, text) => {
    expect(() => parse(text)).toThrow(reason);
  });
});
