import { describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { isDuplicateIn, toDatabaseProblem, toRefusal } from '../../src/platform/database/index.js';

describe('an error of the database is a 503 where the same may succeed a moment later', () => {
  const labelled = new mongo.MongoServerError({ message: 'conflict', code: 112 });
  labelled.addErrorLabel('TransientTransactionError');

  it.each([
    ['a broken connection', new mongo.MongoNetworkError('closed')],
    ['a socket that the driver did not know was closed', Object.assign(new Error('ended'), { code: 'EPIPE' })],
    ['a conflict', labelled],
    ['a read that takes too long', new mongo.MongoServerError({ message: 'operation exceeded time limit', code: 50 })],
    ['a primary that steps down', new mongo.MongoServerError({ message: 'not primary', code: 10107 })],
  ])('%s', (_, error) => {
    expect(toDatabaseProblem(error)?.toBody('/', 'id')).toMatchObject({ status: 503, code: 'database_unavailable' });
  });

  it.each([
    ['a mistake of ours', new TypeError('undefined is not a function')],
    ['a command that is none', new mongo.MongoServerError({ message: 'no such command', code: 59 })],
    ['a refused file', Object.assign(new Error('no'), { code: 'EACCES' })],
  ])('but not %s', (_, error) => {
    expect(toDatabaseProblem(error)).toBeUndefined();
    expect(toRefusal(error)).toBeUndefined();
  });
});

describe('what MongoDB refuses because of how it is set up', () => {
  const refusals: [string, { code: number; message: string }, RegExp][] = [
    [
      'by a unique index',
      { code: 11_000, message: 'E11000 duplicate key error collection: a.b.c index: x y dup key: { userId: "ann" }' },
      /^The unique index "x y" of b\.c refuses a write: drop it/,
    ],
    [
      'by a unique index with a collation',
      {
        code: 11_000,
        message:
          'E11000 duplicate key error collection: a.b index: x collation: { locale: "en" } dup key: { userId: "ann" }',
      },
      /^The unique index "x" of b refuses a write/,
    ],
    [
      'by a validator',
      { code: 121, message: 'Document failed validation' },
      /^The validator of bookings refuses a write/,
    ],
    [
      'by a privilege',
      {
        code: 13,
        message: 'not authorized on shop to execute command { find: "bookings", filter: { userId: "ann" } }',
      },
      /^The MongoDB user lacks the privilege for find on "bookings": grant it readWrite on the database "shop"\.$/,
    ],
    [
      'to nobody',
      { code: 13, message: 'command find requires authentication' },
      /^MongoDB asks for a user and a password, and MONGO_URI names none/,
    ],
    ['by a view', { code: 166, message: 'Namespace a.b is a view' }, /^bookings is no plain collection any more/],
    ['by an index of arrays', { code: 171, message: 'cannot index parallel arrays' }, /^An index of bookings refuses/],
  ];

  it.each(refusals)('%s is a 503 of its own, and its cause holds no value of a document', (_, refusal, sentence) => {
    const error = new mongo.MongoServerError(refusal);
    const body = toDatabaseProblem(error)?.toBody('/', 'id');
    expect(body).toMatchObject({ status: 503, code: 'database_misconfigured' });
    const { message } = toRefusal(error, 'bookings')!;
    expect(message).toMatch(sentence);
    expect(JSON.stringify(toRefusal(error))).not.toContain('ann');
  });

  const bookings = { name: 'bookings', indexes: [{ ...indexOf({ eventId: 1, 'idempotency.key': 1 }), unique: true }] };
  const duplicate = (keyPattern: object, keyValue: object, more = {}) =>
    toRefusal(new mongo.MongoServerError({ code: 11_000, message: '', keyPattern, keyValue, ...more }));

  it('is a repeat of what was done where the id, or a key that is declared, is there already', () => {
    const keys = { eventId: 1, 'idempotency.key': 1 };
    const values = { eventId: 'e', 'idempotency.key': 'k' };
    expect(isDuplicateIn(bookings, duplicate({ _id: 1 }, { _id: 'b' }))).toBe(true);
    expect(isDuplicateIn(bookings, duplicate(keys, values))).toBe(true);
    expect(isDuplicateIn(bookings, duplicate({ userId: 1 }, { userId: 'ann' }))).toBe(false);
    expect(isDuplicateIn(bookings, duplicate(keys, { ...values, 'idempotency.key': null }))).toBe(false);
    expect(isDuplicateIn(bookings, duplicate(keys, values, { collation: { locale: 'en' } }))).toBe(false);
    expect(isDuplicateIn(bookings, new Error('another'))).toBe(false);
  });
});

function indexOf(keys: Record<string, 1>) {
  return { name: 'keys', keys, partialFilterExpression: undefined };
}
