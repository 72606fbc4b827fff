import { jest } from '@jest/globals';
import { mongo } from 'mongoose';

/** Runs `act` once, right before the next bulk write to the collection. The test has to restore all mocks. */
export function beforeBulkWrite(name: string, act: () => Promise<unknown>): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the collection that it is called on
  const bulkWrite = mongo.Collection.prototype.bulkWrite;
  jest.spyOn(mongo.Collection.prototype, 'bulkWrite').mockImplementation(async function (
    this: mongo.Collection,
    ...writes
  ) {
    if (this.collectionName === name) {
      jest.restoreAllMocks();
      await act();
    }
    return bulkWrite.apply(this, writes);
  });
}

type Query = [filter: object, options?: object];

/** Runs `act` once, right before the next read of the collection whose filter has the field. */
export function beforeFind(name: string, field: string, act: () => Promise<unknown>): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the collection that it is called on
  const find = mongo.Collection.prototype.find as (this: mongo.Collection, ...query: Query) => mongo.FindCursor;
  jest.spyOn(mongo.Collection.prototype, 'find').mockImplementation(function (this: mongo.Collection, ...query: Query) {
    const cursor = find.apply(this, query);
    if (this.collectionName !== name || !(field in query[0])) return cursor;
    jest.restoreAllMocks();
    // A cursor reads nothing before it is asked for its first document; `toArray` asks in the same way.
    const next = cursor[Symbol.asyncIterator].bind(cursor);
    cursor[Symbol.asyncIterator] = async function* () {
      await act();
      yield* next();
    };
    return cursor;
  });
}
