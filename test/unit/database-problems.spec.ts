import { describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { toDatabaseProblem } from '../../src/platform/database/index.js';

describe('an error of the database is a 503 where the same may succeed a moment later', () => {
  const labelled = new mongo.MongoServerError({ message: 'conflict', code: 112 });
  labelled.addErrorLabel('TransientTransactionError');

  it.each([
    ['a broken connection', new mongo.MongoNetworkError('closed')],
    ['a socket that the driver did not know was closed', Object.assign(new Error('ended'), { code: 'EPIPE' })],
    ['a conflict', labelled],
    ['a primary that steps down', new mongo.MongoServerError({ message: 'not primary', code: 10107 })],
  ])('%s', (_, error) => {
    expect(toDatabaseProblem(error)?.toBody('/', 'id')).toMatchObject({ status: 503, code: 'database_unavailable' });
  });

  it.each([
    ['a duplicate', new mongo.MongoServerError({ message: 'E11000', code: 11000 })],
    ['a document that fails validation', new mongo.MongoServerError({ message: 'invalid', code: 121 })],
    ['a mistake of ours', new TypeError('undefined is not a function')],
    ['a refused file', Object.assign(new Error('no'), { code: 'EACCES' })],
  ])('but not %s', (_, error) => {
    expect(toDatabaseProblem(error)).toBeUndefined();
  });
});
