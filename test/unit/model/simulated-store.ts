import { isDeepStrictEqual } from 'node:util';
import { mongo } from 'mongoose';
import { type Booking, BOOKINGS } from '../../../src/bookings/booking.js';
import type { Change, Table } from '../../../src/bookings/decide/table.js';
import type { Event, TicketCounts } from '../../../src/events/event.js';
import { applyMovement, type Movement, sumLines } from '../../../src/events/index.js';
import { type Hold, HOLDS } from '../../../src/holds/hold.js';

type Tables = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** Everything as one commit has left it, and what that commit did. */
export interface CommittedState {
  readonly events: ReadonlyMap<string, Event>;
  /** The documents of each table, by their first names. */
  readonly tables: Tables;
  readonly movements: readonly Movement[];
  /** When it was committed, in milliseconds. */
  readonly at: number;
}

/** A transaction as the server has it: it reads one state, and holds what it writes until it ends. */
export interface Transaction {
  state: 'open' | 'committed' | 'aborted';
  /** The number of the commit that it reads; fixed by its first operation. */
  snapshot: number | undefined;
  readonly events: Map<string, Event>;
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
    this.history = [{ events: byId, tables: new Map(), movements: [], at: time() }];
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
    return new Map([...this.snapshotOf(transaction).events, ...transaction.events]);
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

  /** Whether the event is at the revision that was planned on and has what is taken from it. */
  move(transaction: Transaction, movement: Movement, isCovered: typeof covers): boolean {
    const event = this.events(transaction).get(movement.eventId);
    if (!event || !isCovered(event, movement)) return false;
    this.lock(transaction, `event ${event.id}`);
    transaction.events.set(event.id, { ...applyMovement(event, movement), revision: event.revision + 1 });
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
    const events = new Map([...this.latest.events, ...transaction.events]);
    this.history.push({ events, tables, movements: transaction.movements, at: this.time() });
    for (const document of transaction.locks) this.writtenBy.set(document, this.now);
  }

  /** Somebody changes an event in the database, past all servers: its revision stays. */
  edit(event: Event): void {
    if ([...this.open].some(({ locks }) => locks.has(`event ${event.id}`))) return;
    const events = new Map([...this.latest.events, [event.id, event]]);
    this.history.push({ ...this.latest, events, movements: [], at: this.time() });
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

/** Whether an event is on the terms that were planned on. */
export function hasTerms(event: Event, { terms }: Movement): boolean {
  return event.status === terms.status && event.maxTicketsPerUser === terms.maxTicketsPerUser;
}

/** What the product's guard demands, but for the terms. */
export function covers(event: Event, { revision, lines }: Movement): boolean {
  const { event: change, sections } = sumLines(lines);
  const isThere = (pool: TicketCounts, by: TicketCounts) =>
    pool.availableTickets + by.availableTickets >= 0 &&
    pool.heldTickets + by.heldTickets >= 0 &&
    pool.soldTickets + by.soldTickets >= 0;
  return (
    event.revision === revision &&
    isThere(event, change) &&
    [...sections].every(([id, by]) => event.sections.some((section) => section.id === id && isThere(section, by)))
  );
}
