import type { mongo, Schema } from 'mongoose';
import type { Validator } from './validator.js';

export interface IndexSpec {
  readonly name: string;
  readonly keys: mongo.Document;
  readonly unique: boolean;
  readonly partialFilterExpression: mongo.Document | undefined;
  /** How strings are compared; by their bytes if undefined. */
  readonly collation?: Collation | undefined;
}

/** The options of a collation that we set; the others have MongoDB's defaults. */
interface Collation {
  readonly locale: string;
  readonly strength: number;
}

/** A collection as this server needs it: every start checks it, and makes again what is missing. */
export interface CollectionSpec {
  readonly name: string;
  readonly validator?: Validator;
  readonly indexes: readonly IndexSpec[];
  /** Indexes of earlier releases, by name, that only cost time: a start drops them. */
  readonly retiredIndexes?: readonly string[];
}

/** The indexes that a Mongoose schema declares. */
export function indexesOf(schema: Schema): IndexSpec[] {
  return schema.indexes().map(([fields, options]) => {
    const { name, unique, partialFilterExpression, collation } = options as Partial<IndexSpec>;
    return {
      // The name that MongoDB's drivers give an index by default.
      name: name ?? Object.entries(fields).flat().join('_'),
      keys: fields,
      unique: unique === true,
      partialFilterExpression,
      collation,
    };
  });
}
