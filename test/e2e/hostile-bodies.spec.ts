import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { dump } from '../support/dump.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

type Members = Record<string, unknown>;
/** Where it is wrong, and what replaces members of a body that would be taken. */
type Bad = [pointer: string, ...patches: Members[]];

const ID = '67841f2a3b4c5d6e7f809100';
const LINE = { sectionId: ID, quantity: 1 };
const SECTION = { name: 'Stalls', capacity: 5 };
const EUR_1 = { amount: 1, currency: 'EUR' };
const NOT_IDS = [
  undefined,
  null,
  5,
  true,
  '',
  'abcdefghijkl',
  ID.slice(1),
  `${ID}0`,
  [ID],
  { $ne: null },
  { $oid: ID },
];
const NOT_COUNTS = [null, true, '1', 0, -1, 1.5, 2 ** 53, 1e300, [1], { $gt: 0 }];
const NOT_TEXTS = [null, 5, true, '', ' \t\r\n\u00a0', '\u3164\u200b', ['a'], { $ne: null }, '\ud800', 'x\udfffy'];
const NOT_NAMES = [
  ...NOT_TEXTS,
  'a\nb',
  'a\0',
  'a\u0085',
  'a\u2028b',
  'a\u202eb',
  'a\u2066b',
  'x'.repeat(201),
  '🎟'.repeat(201),
];
/** No reader can tell a name from that of SECTION. */
const SAME_NAMES = ['STALLS', ' stalls ', 'Ｓｔａｌｌｓ', 'Sta\u200dlls', 'Sta\u00adlls\ufeff', '\u200fStalls'];
const NOT_PRICES = [null, 5, '5', [], [EUR_1]];
const NO_MEMBERS = [
  ...[
    '_id',
    'id',
    'version',
    'revision',
    'availableTickets',
    'soldTickets',
    'heldTickets',
    'createdAt',
    '__v',
    '$where',
  ],
  // Every object has members of these names.
  ...['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'],
];

const times = <Item>(count: number, make: (index: number) => Item) => Array.from({ length: count }, (_, i) => make(i));
const as = (name: string, values: unknown[]): Members[] => values.map((value) => ({ [name]: value }));

const BAD_BOOKINGS: Bad[] = [
  ['#/eventId', ...as('eventId', NOT_IDS)],
  ['#/userId', ...as('userId', [undefined, ...NOT_TEXTS, 'x'.repeat(129), '🎟'.repeat(129), 'x'.repeat(5_000)])],
  ['#/quantity', ...as('quantity', [...NOT_COUNTS, 11, 1_001])],
  ['#/sectionId', ...as('sectionId', NOT_IDS.slice(1))],
  ['#/items', ...as('items', [null, 5, 'x', {}, { $each: [LINE] }, [[]], [[LINE]], [5], [null]])],
  ['#/items', { items: times(201, () => LINE) }, { items: [LINE], quantity: 1 }, { items: [LINE], sectionId: ID }],
  ['#/items/0/sectionId', ...NOT_IDS.map((sectionId) => ({ items: [{ ...LINE, sectionId }] }))],
  ['#/items/0/quantity', ...[undefined, ...NOT_COUNTS].map((quantity) => ({ items: [{ ...LINE, quantity }] }))],
  ['#/items/1/price', { items: [LINE, { ...LINE, price: EUR_1 }] }],
  ['#/reference', ...as('reference', [...NOT_TEXTS, 'x'.repeat(129)])],
  ['#/metadata', ...as('metadata', [null, 'x', 5, [], ['x'], { a: 1 }, { a: null }, { a: { $ne: 1 } }])],
  [
    '#/metadata',
    ...as('metadata', [{ '': 'x' }, { ['k'.repeat(65)]: 'x' }, { k: 'x'.repeat(257) }, { k: '🎟'.repeat(257) }]),
  ],
  ['#/metadata', ...as('metadata', [{ '\ud800': 'x' }, { k: '\ud800' }])],
  ['#/metadata', { metadata: Object.fromEntries(times(11, (index) => [`key ${index}`, 'x'])) }],
  ['#/metadata/a/constructor', { metadata: { a: { constructor: 1 } } }],
  ['#/constructor', { constructor: { prototype: { isAdmin: true } } }],
  ['#/a~1b~0c%23%5B', { 'a/b~c#[': 1 }],
  ...['status', 'bookedAt', 'price', ...NO_MEMBERS].map((name): Bad => [`#/${name}`, { [name]: 1 }]),
  ...NO_MEMBERS.map((name): Bad => [`#/items/0/${name}`, { items: [{ ...LINE, [name]: 1 }] }]),
];

const BAD_EVENTS: Bad[] = [
  ['#/name', ...as('name', [undefined, ...NOT_NAMES, 'x'.repeat(5_000)])],
  ['#/totalTickets', ...as('totalTickets', [undefined, ...NOT_COUNTS, 1_000_000_001])],
  ['#/totalTickets', { sections: [SECTION] }],
  ['#/status', ...as('status', [null, '', 'sold', 'ON_SALE', ['on_sale'], { $ne: 'draft' }])],
  ['#/price', ...as('price', NOT_PRICES), { price: EUR_1, totalTickets: undefined, sections: [SECTION] }],
  ['#/price/amount', ...as('price', [{ currency: 'EUR' }, ...as('amount', [null, '1', -1, 1.5, 1e15, {}])])],
  [
    '#/price/currency',
    ...as('price', [{ amount: 1 }, ...as('currency', ['eur', 'EURO', 'ZZZ', 'ZWL', 'BGN', 5, ['EUR'], {}])]),
  ],
  ['#/price/tax', { price: { ...EUR_1, tax: 1 } }],
  ...NO_MEMBERS.map((name): Bad => [`#/${name}`, { [name]: 1 }]),
];

/** The same for the sections of an event. */
const BAD_SECTIONS: [pointer: string, ...sections: unknown[]][] = [
  ['#/sections', null, 5, 'x', {}, { length: 1 }, [null], [5], [[]], [[SECTION]], [SECTION, SECTION]],
  ['#/sections', times(201, (index) => ({ ...SECTION, name: `Section ${index}` }))],
  ['#/sections', times(2, (index) => ({ name: `Section ${index}`, capacity: 1_000_000_000 }))],
  ['#/sections/0/name', ...[undefined, ...NOT_NAMES].map((name) => [{ ...SECTION, name }])],
  ['#/sections', ...SAME_NAMES.map((name) => [SECTION, { ...SECTION, name }])],
  ['#/sections/0/capacity', ...[undefined, ...NOT_COUNTS].map((capacity) => [{ ...SECTION, capacity }])],
  ['#/sections/0/price', ...NOT_PRICES.map((price) => [{ ...SECTION, price }])],
  ['#/sections/1/price/currency', [SECTION, { ...SECTION, name: 'Balcony', price: { amount: 1, currency: 'eur' } }]],
  ...NO_MEMBERS.map((name): [string, unknown] => [`#/sections/0/${name}`, [{ ...SECTION, [name]: 1 }]]),
];

const BROKEN_BODIES: [what: string, body: string | Uint8Array][] = [
  ...['[]', '[{}]', 'null', 'true', '5', '"text"', ' ', '{', '{"a":1,}', "{'a':1}", '{"a":NaN}', '{} {}'].map(
    (text): [string, string] => [text, text],
  ),
  ['a member __proto__', '{"name":"x","totalTickets":5,"__proto__":{"isAdmin":true}}'],
  ['a member __proto__, escaped', '{"metadata":{"\\u005f_proto__":"x"}}'],
  ['a member __proto__ of metadata', `{"eventId":"${ID}","userId":"user123","metadata":{"__proto__":"x"}}`],
  ['a member twice', `{"eventId":"${ID}","userId":"user123","quantity":1,"quantity":2,"totalTickets":1,"name":"x"}`],
  ['a number that parsers round', '{"name":"x","totalTickets":5.0000000000000001}'],
  ['objects nested 2,000 deep', `{"name":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`],
  ['lists nested 8,000 deep', `{"name":${'['.repeat(8_000)}${']'.repeat(8_000)}}`],
  ['bytes that are not UTF-8', Buffer.from('{"name":"\xff","userId":"\xfe","totalTickets":5}', 'latin1')],
  ['UTF-16', Buffer.from('{"name":"x","totalTickets":5}', 'utf16le')],
];

/** One row for each body, named by as much of it as can be read. */
function rowsOf<Value>(table: [string, ...Value[]][]): [pointer: string, name: string, value: Value][] {
  return table.flatMap(([pointer, ...values]) =>
    values.map((value): [string, string, Value] => [pointer, JSON.stringify(value).slice(0, 60), value]),
  );
}

describe('hostile bodies change nothing, and the answer says what is wrong', () => {
  let running: RunningApp;
  let eventId: string;
  let before: unknown;
  beforeAll(async () => {
    running = await startApp();
    eventId = (await running.api.createEvent({ totalTickets: 50 }))._id;
    await running.api.book(eventId, { quantity: 3 });
    before = await dump(running.db);
  });
  afterEach(async () => expect(await dump(running.db)).toEqual(before));
  afterAll(async () => {
    expect((await running.api.book(eventId)).status).toBe(201);
    await running.close();
  });

  const book = (body: unknown) => running.api.post('/book', body);
  const create = (body: unknown) => running.api.post('/events/create', body);
  const expectWrongAt = (pointer: string, answer: Awaited<ReturnType<typeof book>>) => {
    expectProblem(answer, 400, 'validation_failed');
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  };

  it.each(rowsOf(BAD_BOOKINGS))('POST /book, %s: %s', async (pointer, _name, patch) => {
    expectWrongAt(pointer, await book({ eventId, userId: 'user123', ...patch }));
  });

  it.each(rowsOf(BAD_EVENTS))('POST /events/create, %s: %s', async (pointer, _name, patch) => {
    expectWrongAt(pointer, await create({ name: 'Concert Night', totalTickets: 5, ...patch }));
  });

  it.each(rowsOf(BAD_SECTIONS))('POST /events/create, %s: %s', async (pointer, _name, sections) => {
    expectWrongAt(pointer, await create({ name: 'Concert Night', sections }));
  });

  it.each(['1e400', '-1e400', '9007199254740993', '1.0000001'])('the number %s is no count', async (number) => {
    expectWrongAt('#/quantity', await book(`{"eventId":"${eventId}","userId":"user123","quantity":${number}}`));
    expectWrongAt('#/totalTickets', await create(`{"name":"Concert Night","totalTickets":${number}}`));
  });

  it('a body that is compressed', async () => {
    const bytes = gzipSync(JSON.stringify({ eventId, userId: 'user123' }));
    for (const encoding of ['gzip', 'br', 'GZIP']) {
      const answer = await running.api.post('/book', bytes, { 'content-encoding': encoding });
      expectProblem(answer, 415, 'unsupported_media_type');
      expect(answer.body.message).toContain('compressed');
    }
  });

  it.each([undefined, '', '{}'])('a body without any member: %j', async (body) => {
    for (const pointer of ['#/eventId', '#/userId']) expectWrongAt(pointer, await book(body));
    expectWrongAt('#/name', await create(body));
  });

  it.each(BROKEN_BODIES)('a body that is no JSON object of ours: %s', async (_what, body) => {
    expectProblem(await book(body), 400, 'malformed_body');
    expectProblem(await create(body), 400, 'malformed_body');
  });
});
