import type { mongo } from 'mongoose';
import type { CollectionSpec, IndexSpec } from './collection-spec.js';
import { originOf } from './validator.js';

/** An index as `listIndexes` describes it. */
export interface FoundIndex {
  readonly name: string;
  readonly key: mongo.Document;
  readonly unique?: boolean;
  /** It refuses duplicates, on its way to become unique. */
  readonly prepareUnique?: boolean;
  readonly sparse?: boolean;
  readonly hidden?: boolean;
  readonly partialFilterExpression?: mongo.Document;
  readonly collation?: mongo.Document;
  readonly expireAfterSeconds?: number;
  /** Some server is still building it: it enforces nothing yet. */
  readonly isBuilding: boolean;
}

/** A collection as MongoDB has it. */
export interface FoundCollection {
  readonly type: string;
  readonly options: mongo.Document;
  readonly indexes: readonly FoundIndex[];
}

/** A part of the schema that has to be made. */
export type Missing =
  | { readonly kind: 'collection' | 'validator'; readonly spec: CollectionSpec }
  | { readonly kind: 'indexes'; readonly spec: CollectionSpec; readonly indexes: readonly IndexSpec[] };

export interface Verdict {
  /** One sentence for each change by others that this server can't work with. */
  readonly faults: readonly string[];
  readonly missing: readonly Missing[];
}

/** Compares a collection with its declaration. `found` is undefined where there is no such collection. */
export function judge(spec: CollectionSpec, found: FoundCollection | undefined): Verdict {
  if (!found) {
    return {
      faults: [],
      missing: [{ kind: 'collection', spec }, ...toMissing(spec, spec.indexes)],
    };
  }
  const faults = findOptionFaults(spec.name, found);
  if (faults.length > 0) return { faults, missing: [] };
  const validator = judgeValidator(spec, found.options);
  const isMissing = (index: IndexSpec) => !found.indexes.some((other) => !other.isBuilding && isSame(index, other));
  return {
    faults: [...validator.faults, ...found.indexes.flatMap((index) => findIndexFault(spec, index) ?? [])],
    missing: [...validator.missing, ...toMissing(spec, spec.indexes.filter(isMissing))],
  };
}

function toMissing(spec: CollectionSpec, indexes: readonly IndexSpec[]): Missing[] {
  return indexes.length === 0 ? [] : [{ kind: 'indexes', spec, indexes }];
}

function findOptionFaults(name: string, { type, options }: FoundCollection): string[] {
  const another = 'rename or drop it, or name another database in MONGO_URI.';
  if (type !== 'collection') return [`${name} is a ${type} and has to be a plain collection: ${another}`];
  const faults: string[] = [];
  if (options['capped']) {
    faults.push(`The collection ${name} is capped, so it loses its oldest documents: make it a plain collection.`);
  }
  if (options['collation']) {
    faults.push(`The collection ${name} has a collation, so different keys count as equal: make it one without.`);
  }
  if (options['expireAfterSeconds'] !== undefined) {
    faults.push(`The collection ${name} deletes old documents (expireAfterSeconds): make it a plain collection.`);
  }
  return faults;
}

function judgeValidator(
  spec: CollectionSpec,
  { validator, validationLevel, validationAction }: mongo.Document,
): Verdict {
  const { name } = spec;
  const faults: string[] = [];
  if (!['strict', undefined].includes(validationLevel as string)) {
    faults.push(
      `The collection ${name} has the validationLevel "${validationLevel}": set it to "strict" with collMod.`,
    );
  }
  // MongoDB 8.1 also knows an action that refuses and logs.
  if (!['error', 'errorAndLog', undefined].includes(validationAction as string)) {
    faults.push(
      `The collection ${name} has the validationAction "${validationAction}": set it to "error" with collMod.`,
    );
  }
  const none = !validator || Object.keys(validator as object).length === 0;
  const origin = spec.validator ? originOf(validator as mongo.Document, spec.validator) : none ? 'current' : 'foreign';
  if (origin === 'foreign') {
    faults.push(
      `The collection ${name} has a validator that this server did not make: ` +
        'remove it with collMod, and the next start makes the right one.',
    );
  }
  return { faults, missing: origin === 'missing' || origin === 'older' ? [{ kind: 'validator', spec }] : [] };
}

function findIndexFault(spec: CollectionSpec, index: FoundIndex): string | undefined {
  if (index.name === '_id_') return undefined;
  const called = `index "${index.name}" of ${spec.name}`;
  const ours = spec.indexes.find((wanted) => isSame(wanted, index));
  if (ours && index.hidden) return `The ${called} is hidden, so queries can not use it: unhide it with collMod.`;
  if (ours) return undefined;
  if (index.expireAfterSeconds !== undefined) return `The TTL ${called} deletes documents: drop it.`;
  if (spec.indexes.some(({ name }) => name === index.name)) {
    return `The ${called} differs from the one that this server makes: drop it, and the next start makes the right one.`;
  }
  if (!index.unique && !index.prepareUnique) return undefined;
  return `The unique ${called} is not one of this server's and would refuse what it writes: drop it.`;
}

/** Whether the index does what ours does, whatever its name. */
function isSame(ours: IndexSpec, found: FoundIndex): boolean {
  const isPlain = !found.sparse && !found.prepareUnique && found.expireAfterSeconds === undefined;
  const text = (value: mongo.Document | undefined) => JSON.stringify(value ?? null);
  return (
    isPlain &&
    text(ours.keys) === text(found.key) &&
    ours.unique === (found.unique === true) &&
    ours.collation?.locale === found.collation?.['locale'] &&
    ours.collation?.strength === found.collation?.['strength'] &&
    text(ours.partialFilterExpression) === text(found.partialFilterExpression)
  );
}
