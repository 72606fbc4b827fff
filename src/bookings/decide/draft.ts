import {
  applyMovement,
  type Event,
  type Movement,
  MOVEMENT_EFFECTS,
  type MovementLine,
  type Section,
} from '../../events/index.js';
import { DraftTable } from './draft-table.js';
import { type Change, type Table, within } from './table.js';

/** What was read for a batch: the events by id, and the documents of each table by its name. */
export interface Reads {
  readonly events: ReadonlyMap<string, Event>;
  readonly documents: ReadonlyMap<string, readonly unknown[]>;
}

/** The pool that a line names: a section, or the event itself where it has none. */
export function findPool(event: Event, sectionId: string | undefined): Event | Section | undefined {
  if (sectionId !== undefined) return event.sections.find((section) => section.id === sectionId);
  return event.sections.length === 0 ? event : undefined;
}

/** What was read, with the commands decided so far applied. */
export class Draft {
  private readonly tables = new Map<string, DraftTable<unknown>>();
  private readonly lines = new Map<string, MovementLine[]>();
  private readonly touched = new Set<string>();
  private readonly freed = new Set<string>();
  /** How much less, or more, a pool has available than was read; by event and section. */
  private readonly moved = new Map<string, number>();

  constructor(private readonly reads: Reads) {}

  findEvent(id: string): Event | undefined {
    return this.reads.events.get(id);
  }

  /** The document that has the name in this table. */
  find<Doc>(table: Table<Doc>, name: string): Doc | undefined {
    return this.tableOf(table).find(name);
  }

  /** Adds a document to the table, or replaces the one with the same first name. */
  put<Doc>(table: Table<Doc>, doc: Doc): void {
    this.tableOf(table).put(doc);
  }

  /** How many tickets of the pool are available, after the commands so far. */
  available(event: Event, sectionId: string | undefined): number {
    const pool = findPool(event, sectionId);
    return (pool?.availableTickets ?? 0) + (this.moved.get(within(event.id, sectionId)) ?? 0);
  }

  /** Moves tickets of the event. */
  move(eventId: string, lines: readonly MovementLine[]): void {
    const all = this.lines.get(eventId) ?? [];
    all.push(...lines);
    this.lines.set(eventId, all);
    for (const { kind, sectionId, quantity } of lines) {
      const change = MOVEMENT_EFFECTS[kind].availableTickets * quantity;
      const pool = within(eventId, sectionId);
      this.moved.set(pool, (this.moved.get(pool) ?? 0) + change);
      if (change > 0) this.freed.add(eventId);
    }
  }

  /** Writes the event even where no ticket moves, so that whatever else reads it meanwhile conflicts. */
  touch(eventId: string): void {
    this.touched.add(eventId);
  }

  /** The events of which tickets have become free since this was last asked. */
  takeFreed(): Event[] {
    const events = [...this.freed].flatMap((id) => this.findEvent(id) ?? []);
    this.freed.clear();
    return events;
  }

  /** One movement for each event that has to be written. */
  toMovements(): Movement[] {
    const eventIds = new Set([...this.lines.keys(), ...this.touched]);
    return [...eventIds].flatMap((eventId) => {
      const event = this.findEvent(eventId);
      if (!event) return [];
      const { revision, status, maxTicketsPerUser } = event;
      return [{ eventId, revision, terms: { status, maxTicketsPerUser }, lines: this.lines.get(eventId) ?? [] }];
    });
  }

  toEvents(movements: readonly Movement[]): Event[] {
    return movements.flatMap((movement) => {
      const event = this.findEvent(movement.eventId);
      return event ? [applyMovement(event, movement)] : [];
    });
  }

  /** The changes of documents, by the name of their table. */
  toChanges(): Map<string, readonly Change[]> {
    return new Map([...this.tables].map(([name, table]) => [name, table.changes]));
  }

  private tableOf<Doc>(table: Table<Doc>): DraftTable<Doc> {
    let found = this.tables.get(table.name) as DraftTable<Doc> | undefined;
    if (!found) {
      found = new DraftTable(table, (this.reads.documents.get(table.name) ?? []) as readonly Doc[]);
      this.tables.set(table.name, found);
    }
    return found;
  }
}
