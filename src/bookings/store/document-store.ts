import type { Tx } from '../../platform/database/index.js';
import type { Lookup } from '../decide/lookup.js';
import type { Change, Table } from '../decide/table.js';

/** Where the documents of a table are kept. Every operation belongs to the transaction `tx`. */
export interface DocumentStore<Doc> {
  readonly table: Table<Doc>;
  /** The documents that `lookups` ask for, as far as they exist. */
  read(tx: Tx, lookups: readonly Lookup[]): Promise<readonly Doc[]>;
  /** Throws Outdated if one of them is there already. */
  insert(tx: Tx, docs: readonly Doc[]): Promise<void>;
  update(tx: Tx, changes: readonly StoredChange<Doc>[]): Promise<void>;
}

/** A change of a document that was read. */
export interface StoredChange<Doc> extends Change<Doc> {
  readonly before: Doc;
}
