import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo, Schema } from 'mongoose';
import type { Log } from '../logging/index.js';

/**
 * One step of the database's schema. It may run on several servers at once, and again after a crash in its midst,
 * so every part of it has to be harmless when it was done before.
 */
export interface Migration {
  /** Recorded when done; a recorded migration never runs again. */
  readonly id: string;
  up(db: mongo.Db, log: Log): Promise<void>;
}

const NAMESPACE_EXISTS = 48;
const INDEX_BUILD_IN_PROGRESS = 12_587;
const RETRY_MS = 100;

/** Runs those of `migrations`, in order, that `db` does not record as done. */
export async function migrate(db: mongo.Db, migrations: readonly Migration[], log: Log): Promise<void> {
  const record = db.collection<{ _id: string; appliedAt: Date }>('migrations');
  const done = new Set((await record.find().toArray()).map((migration) => migration._id));
  for (const migration of migrations) {
    if (done.has(migration.id)) continue;
    log.info({ migration: migration.id }, 'migrating');
    await migration.up(db, log);
    await record.updateOne({ _id: migration.id }, { $setOnInsert: { appliedAt: new Date() } }, { upsert: true });
  }
}

/** Makes the collection if there is none, and then puts `validator` on it. */
export async function ensureCollection(db: mongo.Db, name: string, validator: mongo.Document): Promise<void> {
  for (;;) {
    try {
      const isNew = await createCollection(db, name, validator);
      if (!isNew) await db.command({ collMod: name, validator });
      return;
    } catch (error) {
      // Another server that starts is a step ahead. A build ends by itself, or this does with the connection.
      if (!hasCode(error, INDEX_BUILD_IN_PROGRESS)) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** False where there is one already. */
async function createCollection(db: mongo.Db, name: string, validator: mongo.Document): Promise<boolean> {
  try {
    await db.createCollection(name, { validator });
    return true;
  } catch (error) {
    if (hasCode(error, NAMESPACE_EXISTS)) return false;
    throw error;
  }
}

function hasCode(error: unknown, code: number): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** Makes the indexes that `schema` declares. */
export async function ensureIndexes(db: mongo.Db, name: string, schema: Schema): Promise<void> {
  for (const [fields, options] of schema.indexes()) {
    const { background: _, ...indexOptions } = options as mongo.CreateIndexesOptions & { background?: boolean };
    await db.collection(name).createIndex(fields as mongo.IndexSpecification, indexOptions, {});
  }
}
