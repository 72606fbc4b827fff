import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';
import type { Log } from '../../logging/index.js';
import { StartupError } from '../startup-error.js';
import { checkSchema } from './check-schema.js';
import type { CollectionSpec, IndexSpec } from './collection-spec.js';
import { describeDuplicates } from './duplicates.js';
import type { Missing } from './judge.js';
import { toStored } from './validator.js';

const NAMESPACE_EXISTS = 48;
const DUPLICATE_KEY = 11_000;
const INDEX_BUILD_IN_PROGRESS = 12_587;
const RETRY_MS = 100;
/** Other servers that start at the same time may be a step ahead: what is missing is read again. */
const ROUNDS_MAX = 10;

/**
 * Makes what is missing of the collections, their validators and indexes, and drops indexes of earlier releases; issues no
 * DDL where there is nothing to do. Throws as
 * `checkSchema` does, and a StartupError that lists the duplicates which keep a unique index from being made.
 */
export async function makeSchema(db: mongo.Db, specs: readonly CollectionSpec[], log?: Log): Promise<void> {
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const missing = await checkSchema(db, specs);
    if (missing.length === 0) return dropRetired(db, specs, log);
    for (const part of missing) {
      log?.info(
        { collection: part.spec.name, ...('indexes' in part && { indexes: part.indexes.map((index) => index.name) }) },
        `making the ${part.kind}`,
      );
      await make(db, part);
    }
  }
  throw new StartupError('The schema of the database keeps changing while this server starts: start it again.');
}

/** Nothing depends on it, so a user who may not drop an index is only told about it. */
async function dropRetired(db: mongo.Db, specs: readonly CollectionSpec[], log?: Log): Promise<void> {
  for (const { name, retiredIndexes = [] } of specs) {
    if (retiredIndexes.length === 0) continue;
    const found = await db.collection(name).indexes();
    for (const index of retiredIndexes.filter((retired) => found.some((each) => each.name === retired))) {
      await db
        .collection(name)
        .dropIndex(index)
        .catch((err: unknown) => {
          log?.warn({ err }, `The index "${index}" of ${name} is no longer needed and slows writes down: drop it.`);
        });
    }
  }
}

async function make(db: mongo.Db, part: Missing): Promise<void> {
  const { name, validator } = part.spec;
  if (part.kind === 'indexes') return makeIndexes(db, name, part.indexes);
  const stored = validator && { validator: toStored(validator) };
  if (part.kind === 'collection') return makeCollection(db, name, stored);
  await whenNoIndexIsBuilt(() => db.command({ collMod: name, ...stored, writeConcern: { w: 'majority' } }));
}

async function makeCollection(db: mongo.Db, name: string, options: mongo.CreateCollectionOptions = {}): Promise<void> {
  try {
    await db.createCollection(name, options);
  } catch (error) {
    if (!hasCode(error, NAMESPACE_EXISTS)) throw error;
  }
}

/** One command reads the collection once for all of them. */
async function makeIndexes(db: mongo.Db, collection: string, indexes: readonly IndexSpec[]): Promise<void> {
  const descriptions = indexes.map(({ name, keys, unique, partialFilterExpression, collation }) => ({
    key: keys,
    name,
    ...(unique && { unique }),
    ...(partialFilterExpression && { partialFilterExpression }),
    ...(collation && { collation }),
  }));
  try {
    await db.collection(collection).createIndexes(descriptions);
  } catch (error) {
    if (!hasCode(error, DUPLICATE_KEY)) throw error;
    const [index, ...others] = indexes;
    if (index && others.length === 0) throw new StartupError(await describeDuplicates(db, collection, index));
    // One of them has duplicates.
    for (const each of indexes) await makeIndexes(db, collection, [each]);
  }
}

/** Waits for the index builds of other servers: a build ends by itself, or this does with the connection. */
async function whenNoIndexIsBuilt(change: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await change();
      return;
    } catch (error) {
      if (!hasCode(error, INDEX_BUILD_IN_PROGRESS)) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof mongo.MongoServerError && error.code === code;
}
