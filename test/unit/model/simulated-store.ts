import { isDeepStrictEqual } from 'node:util';
import { mongo } from 'mongoose';
import { type Booking, BOOKINGS } from '../../../src/bookings/booking.js';
import type { Change, Table } from '../../../src/bookings/decide/table.js';
import { EVENT_EDITS } from '../../../src/event-edits/decide/tables.js';
import type { Event } from '../../../src/events/event.js';
import type { EventEdit, Movement } from '../../../src/events/index.js';
import { type Hold, HOLDS } from '../../../src/holds/hold.js';
import { ENTRIES, type Entry } from '../../../src/waitlist/entry.js';

/** What the update of a movement demands of its event. */
export type Guard = (event: Event, movement: Movement) => boolean;
/** The event as that update leaves it. */
export type Write = (event: Event, movement: Movement) => Event;

type Tables = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** Everything as one commit has left it, and what that commit did. */
export interface CommittedState {
  readonly events: ReadonlyMap<string, Event>;
  /** The documents of each table, by their first names. */
  readonly tables: Tables;
  readonly movements: readonly Movement[];
  /** Whether somebody has changed it in the database, past all servers. */
  readonly isByHand: boolean;
  /** When it was committed, in milliseconds. */
  readonly at: number;
}

/** A transaction as the server has it: it reads one state, and holds what it writes until it ends. */
export interface Transaction {
  state: 'open' | 'committed' | 'aborted';
  /** The number of the commit that it reads; fixed by its first operation. */
  snapshot: number | undefined;
  /** Undefined for one that it deletes. */
  readonly events: Map<string, Event | undefined>;
  readonly tables: Map<string, Map<string, unknown>>;
  readonly movements: Movement[];
  readonly locks: Set<string>;
}

const WRITE_CONFLICT = 112;
const DUPLICATE_KEY = 11_000;
const NO_SUCH_TRANSACTION = 251;

/** The server says that the transaction is gone, or never was. */
export function transientError(code = NO_SUCH_TRANSACTION): Error {
  return new mongo.MongoServerError({ message: `code ${code}`, code, errorLabels: ['TransientTransactionError'] });
}

/** Whether a unique key refuses it. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

/**
 * The database as far as bookings use it: transactions with snapshot isolation, where the first writer wins, and unique
 * keys. `history` has every state that was ever committed.
 */
export class SimulatedStore {
  readonly history: CommittedState[];
  private readonly open = new Set<Transaction>();
  /** By document, the number of the commit that has written it last. */
  private readonly writtenBy = new Map<string, number>();

  constructor(
    events: readonly Event[],
    private readonly time: () => number,
  ) {
    const byId = new Map(events.map((event) => [event.id, event]));
    this.history = [{ events: byId, tables: new Map(), movements: [], isByHand: false, at: time() }];
  }

  get now(): number {
    return this.history.length - 1;
  }

  get latest(): CommittedState {
    return this.history[this.now]!;
  }

  begin(): Transaction {
    const nothing = { events: new Map(), tables: new Map(), movements: [], locks: new Set<string>() };
    const transaction: Transaction = { state: 'open', snapshot: undefined, ...nothing };
    this.open.add(transaction);
    return transaction;
  }

  events(transaction: Transaction): Map<string, Event> {
    return withChanges(this.snapshotOf(transaction).events, transaction.events);
  }

  /** All movements that were committed. */
  movements(transaction: Transaction): Movement[] {
    this.snapshotOf(transaction);
    return this.history.slice(0, transaction.snapshot! + 1).flatMap(({ movements }) => movements);
  }

  documents<Doc>(transaction: Transaction, { name }: Table<Doc>): Map<string, Doc> {
    const stored = this.snapshotOf(transaction).tables.get(name) ?? [];
    return new Map([...stored, ...(transaction.tables.get(name) ?? [])]) as Map<string, Doc>;
  }

  insert<Doc>(transaction: Transaction, table: Table<Doc>, doc: Doc): void {
    this.snapshotOf(transaction);
    this.claim(transaction, table, table.namesOf(doc));
    this.put(transaction, table, doc);
  }

  /** Whether the document was as the change says. */
  update<Doc>(transaction: Transaction, table: Table<Doc>, { before, after }: Change<Doc>): boolean {
    const [name] = table.namesOf(after);
    if (!isDeepStrictEqual(this.documents(transaction, table).get(name), before)) return false;
    this.lock(transaction, `${table.name} ${name}`);
    const known: readonly string[] = before ? table.namesOf(before) : [];
    this.claim(
      transaction,
      table,
      table.namesOf(after).filter((each) => !known.includes(each)),
    );
    this.put(transaction, table, after);
    return true;
  }

  /** Writes the event as `write` makes it. Returns false where the guard does not match. */
  move(transaction: Transaction, movement: Movement, guard: Guard, write: Write): boolean {
    const event = this.events(transaction).get(movement.eventId);
    if (!event || !guard(event, movement)) return false;
    this.lock(transaction, `event ${event.id}`);
    transaction.events.set(event.id, movement.isLast ? undefined : write(event, movement));
    transaction.movements.push(movement);
    return true;
  }

  commit(transaction: Transaction): void {
    if (transaction.state === 'aborted') throw transientError();
    if (transaction.state === 'committed') return;
    this.end(transaction, 'committed');
    if (transaction.locks.size === 0) return;
    const tables = new Map(this.latest.tables);
    for (const [name, docs] of transaction.tables) tables.set(name, new Map([...(tables.get(name) ?? []), ...docs]));
    const events = withChanges(this.latest.events, transaction.events);
    this.history.push({ events, tables, movements: transaction.movements, isByHand: false, at: this.time() });
    for (const document of transaction.locks) this.writtenBy.set(document, this.now);
  }

  /** Somebody changes an event in the database, past all servers: its revision stays. */
  edit(event: Event): void {
    if ([...this.open].some(({ locks }) => locks.has(`event ${event.id}`))) return;
    const events = new Map([...this.latest.events, [event.id, event]]);
    this.history.push({ ...this.latest, events, movements: [], isByHand: true, at: this.time() });
    this.writtenBy.set(`event ${event.id}`, this.now);
  }

  abort(transaction: Transaction): void {
    if (transaction.state === 'open') this.end(transaction, 'aborted');
  }

  /** The server ends what has been open for too long. */
  abortAll(): void {
    for (const transaction of this.open) this.abort(transaction);
  }

  /** Takes names that no other document of the table may have. */
  private claim<Doc>(transaction: Transaction, table: Table<Doc>, names: readonly string[]): void {
    for (const key of names.map((name) => `${table.name} ${name}`)) {
      const isTaken = this.writtenBy.has(key) || transaction.locks.has(key);
      if (isTaken) throw this.refuse(transaction, new mongo.MongoServerError({ code: DUPLICATE_KEY }));
      this.lock(transaction, key);
    }
  }

  private put<Doc>(transaction: Transaction, table: Table<Doc>, doc: Doc): void {
    const documents = transaction.tables.get(table.name) ?? new Map<string, unknown>();
    transaction.tables.set(table.name, documents.set(table.namesOf(doc)[0], doc));
  }

  private end(transaction: Transaction, state: 'committed' | 'aborted'): void {
    transaction.state = state;
    this.open.delete(transaction);
  }

  private snapshotOf(transaction: Transaction): CommittedState {
    if (transaction.state !== 'open') throw transientError();
    return this.history[(transaction.snapshot ??= this.now)]!;
  }

  /** The first writer wins: the others have to begin again. */
  private lock(transaction: Transaction, document: string): void {
    const isLocked = [...this.open].some((other) => other !== transaction && other.locks.has(document));
    if (isLocked || (this.writtenBy.get(document) ?? 0) > transaction.snapshot!) {
      throw this.refuse(transaction, transientError(WRITE_CONFLICT));
    }
    transaction.locks.add(document);
  }

  /** Whatever goes wrong in a transaction ends it. */
  private refuse(transaction: Transaction, error: Error): Error {
    this.abort(transaction);
    return error;
  }
}

/** The bookings that were committed, by id. */
export function bookingsIn({ tables }: CommittedState): ReadonlyMap<string, Booking> {
  return (tables.get(BOOKINGS.name) ?? new Map()) as ReadonlyMap<string, Booking>;
}

/** The holds that were committed, by id. */
export function holdsIn({ tables }: CommittedState): ReadonlyMap<string, Hold> {
  return (tables.get(HOLDS.name) ?? new Map()) as ReadonlyMap<string, Hold>;
}

/** The entries of waitlists that were committed, by id. */
export function entriesIn({ tables }: CommittedState): ReadonlyMap<string, Entry> {
  return (tables.get(ENTRIES.name) ?? new Map()) as ReadonlyMap<string, Entry>;
}

/** The edits that were committed, by id. */
export function editsIn({ tables }: CommittedState): ReadonlyMap<string, EventEdit> {
  return (tables.get(EVENT_EDITS.name) ?? new Map()) as ReadonlyMap<string, EventEdit>;
}

function withChanges(
  events: ReadonlyMap<string, Event>,
  changes: ReadonlyMap<string, Event | undefined>,
): Map<string, Event> {
  const after = new Map(events);
  for (const [id, event] of changes) {
    if (event) after.set(id, event);
    else after.delete(id);
  }
  return after;
}
