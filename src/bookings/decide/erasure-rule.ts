import type { Lookup } from './lookup.js';
import type { Draft } from './draft.js';
import type { Table } from './table.js';

/** A user of an event, and who is to stand in the user's place. */
export interface Erasing {
  readonly eventId: string;
  readonly userId: string;
  readonly pseudonym: string;
}

/** What a rule has done. */
interface Erased {
  /** How many documents it has changed. */
  readonly documents: number;
  /** How many tickets in them counted as the user's. */
  readonly tickets: number;
  /** Whether more documents of the event name the user than were read. */
  readonly hasMore: boolean;
}

/** How the documents of a feature lose a user, within one event and one transaction. */
export interface ErasureRule {
  /** What has to be read: of each kind of document `limit` that name the user, and one more if there is one. */
  lookups(erasing: Erasing, limit: number): readonly Lookup[];
  /** What else has to be read because of what was read for all commands: the documents, by the name of their table. */
  follow?(erasing: Erasing, documents: ReadonlyMap<string, readonly unknown[]>, limit: number): readonly Lookup[];
  /** Puts the pseudonym in the user's place: in at most `limit` documents of each kind. */
  erase(draft: Draft, erasing: Erasing, limit: number): Erased;
}

/** What a feature contributes to the erasure of a user. */
export interface ErasureSource {
  readonly rule: ErasureRule;
  /** The ids of events at which the user is stored, as a majority has them: those of at most `limit` documents of each kind. */
  findEventIds(userId: string, limit: number): Promise<readonly string[]>;
  /**
   * Replaces the user, outside of any transaction, in documents of these events, which do not exist. At most `limit` of each
   * kind. Returns how many.
   */
  eraseAt(eventIds: readonly string[], userId: string, pseudonym: string, limit: number): Promise<number>;
}

/** Puts each of the documents into the draft as `erase` leaves it. Returns how many that are. */
export function replaceAll<Doc>(
  draft: Draft,
  table: Table<Doc>,
  docs: readonly Doc[],
  erase: (doc: Doc) => Doc,
): number {
  for (const doc of docs) draft.put(table, erase(doc));
  return docs.length;
}
