import { type Booking, BOOKINGS } from '../../../src/bookings/booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../../../src/bookings/booking-change.js';
import type { Lookup } from '../../../src/bookings/decide/lookup.js';
import { type Table, within } from '../../../src/bookings/decide/table.js';
import { USER_TICKETS, type UserTickets } from '../../../src/bookings/decide/user-tickets.js';
import type { DocumentStore, StoredChange } from '../../../src/bookings/store/document-store.js';
import { assert } from '../../../src/common/assert.js';
import { type Hold, HOLDS, type Payment, paymentName } from '../../../src/holds/hold.js';
import { Outdated, type Tx } from '../../../src/platform/database/index.js';
import type { Network, Outgoing } from './network.js';
import { bookingsIn, holdsIn, isDuplicate, type SimulatedStore, type Transaction } from './simulated-store.js';

/** Who books with this name makes a document that the database refuses. */
export const POISON = 'poison';

/** One process's way to the store: every operation is a message. */
export class Link {
  constructor(
    readonly store: SimulatedStore,
    private readonly network: Network,
    private readonly isAlive: () => boolean,
  ) {}

  send<Result>(outgoing: Outgoing<Result>): Promise<Result> {
    return this.network.send(outgoing, this.isAlive);
  }

  within<Result>(tx: Tx, execute: (transaction: Transaction) => Result): Promise<Result> {
    const { transaction } = tx.session as unknown as SimulatedSession;
    return this.send({ execute: () => execute(transaction), refuse: () => this.store.abort(transaction) });
  }
}

/** What `Transactions` uses of a connection. */
export class SimulatedSession {
  readonly transaction: Transaction;
  private isCommitSent = false;

  constructor(private readonly link: Link) {
    this.transaction = link.store.begin();
  }

  startTransaction(): void {}

  commitTransaction(): Promise<void> {
    this.isCommitSent = true;
    const { store } = this.link;
    const { transaction } = this;
    return this.link.send({
      isCommit: true,
      execute: () => store.commit(transaction),
      refuse: () => store.abort(transaction),
    });
  }

  async endSession(): Promise<void> {
    if (!this.isCommitSent) await this.link.send({ execute: () => this.link.store.abort(this.transaction) });
  }
}

/** A table of the simulated store, as a repository has it. */
export class SimulatedDocuments<Doc> implements DocumentStore<Doc> {
  constructor(
    protected readonly link: Link,
    readonly table: Table<Doc>,
    private readonly isMeant: (doc: Doc, lookup: Lookup) => boolean,
  ) {}

  async read(tx: Tx, lookups: readonly Lookup[]): Promise<Doc[]> {
    const all = await this.link.within(tx, (transaction) => this.link.store.documents(transaction, this.table));
    return [...all.values()].filter((doc) => lookups.some((lookup) => this.isMeant(doc, lookup)));
  }

  async insert(tx: Tx, docs: readonly Doc[]): Promise<void> {
    if (docs.length > 0) await this.write(tx, (transaction) => this.insertAll(transaction, docs));
  }

  async update(tx: Tx, changes: readonly StoredChange<Doc>[]): Promise<void> {
    for (const change of changes) {
      const isChanged = await this.write(tx, (transaction) => this.link.store.update(transaction, this.table, change));
      assert(isChanged, `${JSON.stringify(change.before)} is as it was read`);
    }
  }

  private async write<Result>(tx: Tx, execute: (transaction: Transaction) => Result): Promise<Result> {
    try {
      return await this.link.within(tx, execute);
    } catch (error) {
      throw isDuplicate(error) ? new Outdated() : error;
    }
  }

  protected insertAll(transaction: Transaction, docs: readonly Doc[]): void {
    for (const doc of docs) this.link.store.insert(transaction, this.table, doc);
  }
}

/** As `BookingsRepository`, on the simulated store. */
export class SimulatedBookings extends SimulatedDocuments<Booking> {
  constructor(
    link: Link,
    readonly nextId: () => string,
  ) {
    super(link, BOOKINGS, (booking, { eventId, by, value }) => {
      if (by === 'id') return booking.id === value;
      return booking.eventId === eventId && (by === 'user' ? booking.userId : booking.idempotency?.key) === value;
    });
  }

  findById(id: string): Promise<Booking | undefined> {
    return Promise.resolve(bookingsIn(this.link.store.latest).get(id));
  }

  protected override insertAll(transaction: Transaction, bookings: readonly Booking[]): void {
    if (bookings.some(({ userId }) => userId === POISON)) {
      this.link.store.abort(transaction);
      throw new Error(POISON);
    }
    super.insertAll(transaction, bookings);
  }
}

/** As `BookingChangesRepository`, on the simulated store: the number of a change is unique too. */
export class SimulatedBookingChanges extends SimulatedDocuments<BookingChange> {
  constructor(link: Link) {
    const namesOf: Table<BookingChange>['namesOf'] = (change) => [
      ...BOOKING_CHANGES.namesOf(change),
      `${within(change.bookingId, String(change.number))} by number`,
    ];
    super(link, { ...BOOKING_CHANGES, namesOf }, (change, { eventId, by, value }) => {
      const { id, bookingId, idempotency, from, after } = change;
      if (by === 'id') return id === value;
      if (by === 'from') return change.eventId === eventId && from === value;
      if (by === 'receiver') return within(bookingId, after.userId) === value;
      return idempotency !== undefined && within(bookingId, idempotency.key) === value;
    });
  }
}

/** As `HoldsRepository`, on the simulated store. */
export class SimulatedHolds extends SimulatedDocuments<Hold> {
  constructor(
    link: Link,
    readonly nextId: () => string,
  ) {
    super(link, HOLDS, (hold, { eventId, by, value }) => {
      if (by === 'id') return hold.id === value;
      if (by === 'key') return hold.eventId === eventId && hold.idempotency?.key === value;
      if (by === 'payment') return HOLDS.namesOf(hold).includes(paymentName(JSON.parse(value) as Payment));
      if (by === 'owner') return hold.eventId === eventId && hold.userId === value;
      return by === 'user' && hold.eventId === eventId && hold.userId === value && hold.status === 'active';
    });
  }

  override async read(tx: Tx, lookups: readonly Lookup[]): Promise<Hold[]> {
    const named = await super.read(tx, lookups);
    const dueLookups = lookups.filter(({ by }) => by === 'due');
    if (dueLookups.length === 0) return named;
    const all = await this.link.within(tx, (transaction) => this.link.store.documents(transaction, HOLDS));
    const due = dueLookups.flatMap(({ eventId, value, limit = 1 }) => {
      const active = [...all.values()]
        .filter((hold) => hold.eventId === eventId && hold.status === 'active')
        .sort((one, other) => one.expiresAt - other.expiresAt);
      const count = active.filter(({ expiresAt }) => expiresAt <= Number(value)).length;
      return active.slice(0, Math.min(count, limit) + 1);
    });
    return [...named, ...due];
  }

  findById(id: string): Promise<Hold | undefined> {
    return Promise.resolve(holdsIn(this.link.store.latest).get(id));
  }

  protected override insertAll(transaction: Transaction, holds: readonly Hold[]): void {
    if (holds.some(({ userId }) => userId === POISON)) {
      this.link.store.abort(transaction);
      throw new Error(POISON);
    }
    super.insertAll(transaction, holds);
  }
}

/** As `UserTicketsRepository`, on the simulated store. */
export class SimulatedUserTickets extends SimulatedDocuments<UserTickets> {
  constructor(link: Link) {
    super(link, USER_TICKETS, ({ eventId, userId }, lookup) => eventId === lookup.eventId && userId === lookup.value);
  }

  override async read(tx: Tx, lookups: readonly Lookup[]): Promise<UserTickets[]> {
    const stored = (await super.read(tx, lookups)).filter(({ isStored }) => isStored);
    const { store } = this.link;
    const bookings = await this.link.within(tx, (transaction) => store.documents(transaction, BOOKINGS));
    const holds = await this.link.within(tx, (transaction) => store.documents(transaction, HOLDS));
    const kept = [
      ...[...bookings.values()].filter(({ status }) => status === 'confirmed'),
      ...[...holds.values()].filter(({ status }) => status === 'active'),
    ];
    const users = new Set(lookups.map(({ eventId, value }) => within(eventId, value)));
    for (const count of stored) users.delete(within(count.eventId, count.userId));
    const made = [...users].map((user): UserTickets => {
      const own = kept.filter(({ eventId, userId }) => within(eventId, userId) === user);
      const [eventId = '', userId = ''] = user.split('/');
      return { eventId, userId, tickets: own.reduce((sum, { quantity }) => sum + quantity, 0), isStored: false };
    });
    return [...stored, ...made];
  }

  override insert(_tx: Tx, docs: readonly UserTickets[]): Promise<void> {
    assert(docs.length === 0, 'every count was read before it changed');
    return Promise.resolve();
  }

  override async update(tx: Tx, changes: readonly StoredChange<UserTickets>[]): Promise<void> {
    // One that is not stored any more stays as it is deleted: the store deletes nothing.
    const all = await this.link.within(tx, (transaction) => this.link.store.documents(transaction, USER_TICKETS));
    for (const { before, after } of changes.filter((change) => change.before.isStored || change.after.isStored)) {
      const known = before.isStored ? before : all.get(within(after.eventId, after.userId));
      if (known) await super.update(tx, [{ before: known, after }]);
      else await super.insert(tx, [after]);
    }
  }
}
