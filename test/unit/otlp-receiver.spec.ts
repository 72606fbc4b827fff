import { describe, expect, it } from '@jest/globals';
import { readSpans } from '../support/otlp-receiver.js';

const bytes = (number: number, ...parts: (Buffer | string)[]) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([number * 8 + 2, content.length]), content]);
};
const moment = (number: number, nanoseconds: number) => {
  const buffer = Buffer.alloc(9);
  buffer[0] = number * 8 + 1;
  buffer.writeBigUInt64LE(BigInt(nanoseconds), 1);
  return buffer;
};
const attribute = (key: string, value: string) =>
  bytes(1, key).toString('latin1') + bytes(2, bytes(1, value)).toString('latin1');

const TRACE_ID = Buffer.alloc(16, 7);
const SPAN_ID = Buffer.alloc(8, 7);
const NAME = bytes(5, 'work');
const TIMES = [moment(7, 5), moment(8, 9)];
const SERVICE = bytes(1, bytes(1, attribute('service.name', 'shop')));

/** A request with one span of these fields. */
const request = (fields: Buffer[], resource = SERVICE) => bytes(1, resource, bytes(2, bytes(2, ...fields)));
const RIGHT = [bytes(1, TRACE_ID), bytes(2, SPAN_ID), NAME, ...TIMES];

describe('the receiver of the tests', () => {
  it('reads what follows the protocol', () => {
    expect(readSpans(request(RIGHT))).toMatchObject([
      {
        name: 'work',
        traceId: '07'.repeat(16),
        spanId: '07'.repeat(8),
        start: 5n,
        end: 9n,
        resource: { 'service.name': 'shop' },
      },
    ]);
  });

  it.each([
    ['bytes that are missing', request(RIGHT).subarray(0, -1)],
    ['a field that there is not', request([...RIGHT, bytes(31, '')])],
    ['a field of another wire type', request([...RIGHT, moment(3, 1)])],
    ['a name twice', request([...RIGHT, NAME])],
    ['text that is not UTF-8', request([...RIGHT.slice(0, 2), bytes(5, Buffer.from([0xff])), ...TIMES])],
    ['no name', request([...RIGHT.slice(0, 2), ...TIMES])],
    ['a trace id of zeros', request([bytes(1, Buffer.alloc(16)), ...RIGHT.slice(1)])],
    ['a trace id that is too short', request([bytes(1, SPAN_ID), ...RIGHT.slice(1)])],
    ['no span id', request([RIGHT[0]!, ...RIGHT.slice(2)])],
    ['a parent that is no span', request([...RIGHT, bytes(4, 'short')])],
    ['an end before the beginning', request([...RIGHT.slice(0, 3), moment(7, 9), moment(8, 5)])],
    ['an attribute twice', request([...RIGHT, bytes(9, attribute('a', 'b')), bytes(9, attribute('a', 'c'))])],
    ['no name of the service', request(RIGHT, bytes(1, ''))],
  ])('refuses %s', (_, message) => {
    expect(() => readSpans(message)).toThrow();
  });
});
