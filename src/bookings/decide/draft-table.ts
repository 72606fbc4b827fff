import type { Change, Table } from './table.js';

/** The documents of one table, with the changes made so far. */
export class DraftTable<Doc> {
  private readonly byName = new Map<string, Doc>();
  private readonly read = new Map<string, Doc>();
  private readonly changed = new Map<string, Doc>();

  constructor(
    private readonly table: Table<Doc>,
    documents: readonly Doc[],
  ) {
    for (const doc of documents) {
      this.read.set(table.namesOf(doc)[0], doc);
      this.note(doc);
    }
  }

  find(name: string): Doc | undefined {
    return this.byName.get(name);
  }

  /** All of them: what was read, with the changes made so far. */
  get documents(): Doc[] {
    return [...new Map([...this.read, ...this.changed]).values()];
  }

  /** All of them as they were read. */
  get readDocuments(): Doc[] {
    return [...this.read.values()];
  }

  /** Adds a new document, or replaces the one with the same first name. */
  put(doc: Doc): void {
    this.changed.set(this.table.namesOf(doc)[0], doc);
    this.note(doc);
  }

  /** One change for each document that was put, in the order in which they first were. */
  get changes(): Change<Doc>[] {
    return [...this.changed].map(([name, after]) => ({ before: this.read.get(name), after }));
  }

  private note(doc: Doc): void {
    for (const name of this.table.namesOf(doc)) this.byName.set(name, doc);
  }
}
