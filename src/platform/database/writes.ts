import { type Model, mongo } from 'mongoose';
import { toRefusal } from './database-refusal.js';
import { nativeDb } from './native-db.js';
import type { Tx } from './transactions.js';

export interface Update {
  readonly filter: mongo.Document;
  /** Operators, or a pipeline. */
  readonly update: mongo.Document | mongo.Document[];
  readonly arrayFilters?: readonly mongo.Document[];
  /** Whether it updates all documents that match, and not only the first. */
  readonly isMulti?: boolean;
}

interface WriteResult {
  readonly n: number;
  readonly writeErrors?: readonly [mongo.ErrorDescription, ...mongo.ErrorDescription[]];
}

// One command each: the driver's own bulk writes measure every document before they send it, which costs as much again.

/** Inserts all of the documents. Throws a DatabaseRefusal for the first that the server refuses. */
export async function insertAll<Doc>(tx: Tx, model: Model<Doc>, documents: readonly mongo.Document[]): Promise<void> {
  await write(tx, model, 'insert', { documents });
}

/** Carries the updates out in order, and returns how many documents matched. Throws as `insertAll` does. */
export function updateAll<Doc>(tx: Tx, model: Model<Doc>, updates: readonly Update[]): Promise<number> {
  const statements = updates.map(({ filter, update, arrayFilters, isMulti }) => ({
    q: filter,
    u: update,
    ...(isMulti && { multi: true }),
    ...(arrayFilters && { arrayFilters }),
  }));
  return write(tx, model, 'update', { updates: statements });
}

/** Deletes the documents with these ids. Throws as `insertAll` does. */
export async function deleteAll<Doc>(tx: Tx, model: Model<Doc>, ids: readonly unknown[]): Promise<void> {
  await write(tx, model, 'delete', { deletes: ids.map((_id) => ({ q: { _id }, limit: 1 })) });
}

async function write<Doc>({ session }: Tx, model: Model<Doc>, name: string, what: mongo.Document): Promise<number> {
  const collection = model.collection.collectionName;
  const command = { [name]: collection, ...what, ordered: true };
  try {
    const { n, writeErrors } = (await nativeDb(model.db).command(command, { session })) as unknown as WriteResult;
    if (writeErrors) throw new mongo.MongoServerError(writeErrors[0]);
    return n;
  } catch (error) {
    throw toRefusal(error, collection) ?? error;
  }
}
