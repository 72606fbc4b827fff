import type { mongo } from 'mongoose';
import type { Log } from '../logging/index.js';
import { StartupError } from './startup-error.js';
import type { CollectionSpec } from './schema/collection-spec.js';

/**
 * A change of data that an earlier release, or another product, has left. It may run on several servers at once, and
 * again after a crash in its midst, so every part of it has to be harmless when it was done before. It runs before
 * what is missing of the schema is made, so documents may be brought into a shape that a validator asks for.
 */
export interface Migration {
  /** Recorded when done; a recorded migration never runs again. */
  readonly id: string;
  up(db: mongo.Db, log: Log): Promise<void>;
}

export const migrationsCollection: CollectionSpec = { name: 'migrations', indexes: [] };

export interface MigrationRecord {
  readonly _id: string;
  readonly appliedAt: Date;
}

/** Throws a StartupError where a migration is recorded that is not known: a later release has made it, and this one would misread its data. */
export async function refuseLaterRelease(db: mongo.Db, known: readonly string[]): Promise<void> {
  const later = await db.collection<MigrationRecord>(migrationsCollection.name).findOne({ _id: { $nin: [...known] } });
  if (!later) return;
  throw new StartupError(
    `A later release has changed this database (it records the migration "${later._id}"): start that release, or a later one.`,
  );
}

/**
 * Runs those of `migrations`, in order, that `db` does not record as done. On a database without a record, those of
 * the `releases` are the first, so that nobody takes what a server of this release writes next for the work of an earlier one.
 */
export async function migrate(
  db: mongo.Db,
  migrations: readonly Migration[],
  releases: readonly { readonly migration: string }[],
  log: Log,
): Promise<void> {
  const record = db.collection<MigrationRecord>(migrationsCollection.name);
  const done = new Set((await record.find().toArray()).map((migration) => migration._id));
  for (const migration of migrations) {
    if (done.has(migration.id)) continue;
    log.info({ migration: migration.id }, 'migrating');
    await migration.up(db, log);
    if (done.size === 0) for (const release of releases) await recordMigration(db, release.migration);
    await recordMigration(db, migration.id);
  }
}

/** Records a migration as done; where that is recorded, nothing changes. */
export async function recordMigration(db: mongo.Db, id: string): Promise<void> {
  const record = db.collection<MigrationRecord>(migrationsCollection.name);
  await record.updateOne({ _id: id }, { $setOnInsert: { appliedAt: new Date() } }, { upsert: true });
}
