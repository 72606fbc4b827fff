import type { Model, mongo } from 'mongoose';
import { type CollectionSpec, insertAll, isDuplicateIn, Outdated, type Tx } from '../../platform/database/index.js';

/** Inserts documents. Throws Outdated if one of them is there already, by its id or by a key of the collection. */
export async function insertNew<Doc>(
  tx: Tx,
  collection: CollectionSpec,
  model: Model<Doc>,
  documents: readonly mongo.Document[],
): Promise<void> {
  try {
    await insertAll(tx, model, documents);
  } catch (error) {
    throw isDuplicateIn(collection, error) ? new Outdated() : error;
  }
}
