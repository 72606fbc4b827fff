/** A kind of document that commands read and change. */
export interface Table<Doc> {
  /** The name of its collection. */
  readonly name: string;
  /** The names by which a draft finds the document; no other document of the table has the first one. */
  namesOf(doc: Doc): readonly [string, ...string[]];
}

/** One document's change in one transaction: its last state, and the state that was read. */
export interface Change<Doc = unknown> {
  /** Undefined for a new document. */
  readonly before: Doc | undefined;
  readonly after: Doc;
}

/** Names something that an event has many of, such as its users or its keys. */
export function within(eventId: string, name: string | null | undefined): string {
  return `${eventId}/${name ?? ''}`;
}
