import type { mongo } from 'mongoose';
import { StartupError } from '../startup-error.js';
import type { CollectionSpec } from './collection-spec.js';
import { type FoundCollection, type FoundIndex, judge, type Missing } from './judge.js';
import { type Need, requirePrivileges } from './privileges.js';

/** What serving needs; the first two are for this check itself. */
const ACTIONS = ['listIndexes', 'find', 'insert', 'update'];
const MAKING = { collection: 'createCollection', validator: 'collMod', indexes: 'createIndex' } as const;

/**
 * Returns the parts of the schema that are missing. Writes nothing. Throws a StartupError, a sentence for each finding,
 * where somebody has changed the collections in a way that this server can't work with, or where its user lacks a
 * privilege to use them or to make what is missing.
 */
export async function checkSchema(db: mongo.Db, specs: readonly CollectionSpec[]): Promise<readonly Missing[]> {
  const onEach = ({ name }: CollectionSpec): Need[] => ACTIONS.map((action) => ({ action, collection: name }));
  await requirePrivileges(db, [{ action: 'listCollections' }, ...specs.flatMap(onEach)]);
  const found = await readCollections(db, specs);
  const verdicts = specs.map((spec) => judge(spec, found.get(spec.name)));
  const faults = verdicts.flatMap((verdict) => verdict.faults);
  if (faults.length > 0) throw new StartupError(faults.join('\n'));
  const missing = verdicts.flatMap((verdict) => verdict.missing);
  await requirePrivileges(
    db,
    missing.map(({ kind, spec }) => ({ action: MAKING[kind], collection: spec.name })),
  );
  return missing;
}

async function readCollections(
  db: mongo.Db,
  specs: readonly CollectionSpec[],
): Promise<ReadonlyMap<string, FoundCollection>> {
  const names = specs.map(({ name }) => name);
  const listed = await db.listCollections<mongo.CollectionInfo>({ name: { $in: names } }).toArray();
  const found = new Map<string, FoundCollection>();
  // One after the other: all at once would wait for each other's connections, and on a busy machine for too long.
  for (const { name, type = 'collection', options = {} } of listed) {
    const indexes = type === 'collection' ? await readIndexes(db, name) : [];
    found.set(name, { type, options, indexes });
  }
  return found;
}

async function readIndexes(db: mongo.Db, name: string): Promise<FoundIndex[]> {
  // A collection has 64 indexes at most, so they are all in the first batch.
  const { cursor } = await db.command({ listIndexes: name, includeBuildUUIDs: true });
  return (cursor as { firstBatch: mongo.Document[] }).firstBatch.map((found) => {
    return { ...((found['spec'] ?? found) as FoundIndex), isBuilding: found['buildUUID'] !== undefined };
  });
}
