import type { Instant } from '../../common/clock.js';
import {
  applyMovement,
  type Event,
  type EventChanges,
  type Movement,
  MOVEMENT_EFFECTS,
  type MovementLine,
  type Section,
} from '../../events/index.js';
import type { Lookup } from './lookup.js';
import { DraftTable } from './draft-table.js';
import { type Change, type Table, within } from './table.js';

/** What was read for a batch: the events by id, and the documents of each table by its name. */
export interface Reads {
  readonly events: ReadonlyMap<string, Event>;
  readonly documents: ReadonlyMap<string, readonly unknown[]>;
  /** What earlier drafts of the same commands have asked for: it is among the documents, as far as it exists. */
  readonly asked?: readonly Lookup[];
}

/** An event of which tickets became free, and the sections they are of; undefined for the event itself. */
interface Freed {
  readonly event: Event;
  readonly sectionIds: readonly (string | undefined)[];
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
  private readonly freed = new Map<string, Set<string | undefined>>();
  /** How much less, or more, a pool has available than was read; by event and section. */
  private readonly moved = new Map<string, number>();
  /** How many of the pool's available tickets no command may take. */
  private readonly withheld = new Map<string, number>();
  private readonly wanted = new Map<string, Lookup>();
  private readonly askedNames: ReadonlySet<string>;
  private readonly changes = new Map<string, EventChanges>();
  private readonly behind = new Set<string>();
  private readonly closed = new Set<string>();
  private readonly deleted = new Set<string>();
  /** The events that an outcome describes although nothing writes them, by id. */
  readonly reliedOn = new Set<string>();

  /** `now` is the moment of the decisions. */
  constructor(
    private readonly reads: Reads,
    readonly now: Instant,
  ) {
    this.askedNames = new Set(this.asked.map(nameOf));
  }

  /** Whether a command before has changed the event, or what belongs to it. */
  isWritten(eventId: string): boolean {
    return this.movementOf(eventId) !== undefined;
  }

  /** Lets no other command for the event be decided on this draft: what was read does not suit it any more. */
  close(eventId: string): void {
    this.closed.add(eventId);
  }

  isClosed(eventId: string): boolean {
    return this.closed.has(eventId);
  }

  /** Notes that an outcome says how the event is, and writes nothing that the guard checks: a committed read has to confirm it. */
  relyOn(eventId: string): void {
    this.reliedOn.add(eventId);
  }

  /** Notes that more is due at the event than was read. */
  fallBehind(eventId: string): void {
    this.behind.add(eventId);
  }

  /** Whether more is due at the event than was read: tickets may become free, and a refusal may be untrue. */
  isBehind(eventId: string): boolean {
    return this.behind.has(eventId);
  }

  /** The event with what the commands so far have changed, but for its counts: see `available`. */
  findEvent(id: string): Event | undefined {
    const event = this.reads.events.get(id);
    const changes = this.changes.get(id);
    return event && changes ? { ...event, ...changes } : event;
  }

  /** The event as it was read: what was read beside it was read for this one. */
  eventAsRead(id: string): Event | undefined {
    return this.reads.events.get(id);
  }

  /** Changes what the event says of itself, and so writes it. */
  changeEvent(id: string, changes: EventChanges): void {
    this.changes.set(id, { ...this.changes.get(id), ...changes });
    this.touch(id);
  }

  /** Deletes the event; what it leaves is for nobody. */
  deleteEvent(id: string): void {
    this.deleted.add(id);
    this.touch(id);
    this.close(id);
  }

  /** The event as the commands so far leave it, with its counts. */
  eventAfter(event: Event): Event {
    const movement = this.movementOf(event.id);
    return movement ? applyMovement(this.reads.events.get(event.id) ?? event, movement) : event;
  }

  /** All that was read beside the events, by the name of its table. */
  get documents(): ReadonlyMap<string, readonly unknown[]> {
    return this.reads.documents;
  }

  /** The document that has the name in this table. */
  find<Doc>(table: Table<Doc>, name: string): Doc | undefined {
    return this.tableOf(table).find(name);
  }

  /** All documents of the table that were read or put. */
  list<Doc>(table: Table<Doc>): readonly Doc[] {
    return this.tableOf(table).documents;
  }

  /** All documents of the table as they were read. */
  listRead<Doc>(table: Table<Doc>): readonly Doc[] {
    return this.tableOf(table).readDocuments;
  }

  /** Adds a document to the table, or replaces the one with the same first name. */
  put<Doc>(table: Table<Doc>, doc: Doc): void {
    this.tableOf(table).put(doc);
  }

  /** How many tickets of the pool are available to a command, after those so far. */
  available(event: Event, sectionId: string | undefined): number {
    const pool = findPool(event, sectionId);
    const name = within(event.id, sectionId);
    return (pool?.availableTickets ?? 0) + (this.moved.get(name) ?? 0) - (this.withheld.get(name) ?? 0);
  }

  /** Keeps all tickets of the pool that are available from the commands that follow. */
  withhold(event: Event, sectionId: string | undefined): void {
    const name = within(event.id, sectionId);
    this.withheld.set(name, (this.withheld.get(name) ?? 0) + this.available(event, sectionId));
  }

  /** How many tickets of the pool are kept from the commands. */
  withheldOf(eventId: string, sectionId: string | undefined): number {
    return this.withheld.get(within(eventId, sectionId)) ?? 0;
  }

  /** Asks for documents that were not read: they are read, and everything is planned again. Once is enough. */
  ask(lookup: Lookup): void {
    const name = nameOf(lookup);
    if (!this.askedNames.has(name)) this.wanted.set(name, lookup);
  }

  /** What was asked for before this draft. */
  get asked(): readonly Lookup[] {
    return this.reads.asked ?? [];
  }

  /** What is asked for in this draft. */
  get asks(): readonly Lookup[] {
    return [...this.wanted.values()];
  }

  /** The events that were read, with what the commands so far have changed, but for their counts. */
  get events(): Event[] {
    return [...this.reads.events.keys()].flatMap((id) => this.findEvent(id) ?? []);
  }

  /** The documents of the table that were put, new and changed ones. */
  listPut<Doc>(table: Table<Doc>): readonly Doc[] {
    return this.tableOf(table).changes.map(({ after }) => after);
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
      if (change > 0) this.free(eventId, sectionId);
    }
  }

  /** Writes the event even where no ticket moves, so that whatever else reads it meanwhile conflicts. */
  touch(eventId: string): void {
    this.touched.add(eventId);
  }

  /** The events of which tickets have become free since this was last asked. */
  takeFreed(): Freed[] {
    const freed = [...this.freed].flatMap(([id, sectionIds]) => {
      const event = this.findEvent(id);
      return event ? [{ event, sectionIds: [...sectionIds] }] : [];
    });
    this.freed.clear();
    return freed;
  }

  /** One movement for each event that has to be written. */
  toMovements(): Movement[] {
    const eventIds = new Set([...this.lines.keys(), ...this.touched]);
    return [...eventIds].flatMap((eventId) => this.movementOf(eventId) ?? []);
  }

  toEvents(movements: readonly Movement[]): Event[] {
    return movements.flatMap((movement) => {
      const event = this.reads.events.get(movement.eventId);
      return event && !movement.isLast ? [applyMovement(event, movement)] : [];
    });
  }

  /** The changes of documents, by the name of their table. */
  toChanges(): Map<string, readonly Change[]> {
    return new Map([...this.tables].map(([name, table]) => [name, table.changes]));
  }

  private free(eventId: string, sectionId: string | undefined): void {
    const pools = this.freed.get(eventId);
    if (pools) pools.add(sectionId);
    else this.freed.set(eventId, new Set([sectionId]));
  }

  private movementOf(eventId: string): Movement | undefined {
    const event = this.reads.events.get(eventId);
    const [lines, changes] = [this.lines.get(eventId) ?? [], this.changes.get(eventId)];
    if (!event || (lines.length === 0 && !this.touched.has(eventId))) return undefined;
    const { revision, status, maxTicketsPerUser } = event;
    return {
      eventId,
      revision,
      terms: { status, maxTicketsPerUser },
      lines,
      ...(changes && { changes }),
      ...(this.deleted.has(eventId) && { isLast: true }),
    };
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

function nameOf({ table, eventId, by, value }: Lookup): string {
  return JSON.stringify([table, eventId, by, value]);
}
