import type { Booking } from '../../../src/bookings/booking.js';
import { within } from '../../../src/bookings/decide/draft.js';
import type { BookingsRepository } from '../../../src/bookings/store/bookings.repository.js';
import type { InEvent } from '../../../src/bookings/decide/lookups.js';
import { assert } from '../../../src/common/assert.js';
import type { Clock } from '../../../src/common/clock.js';
import { CoalescedReads } from '../../../src/common/concurrency/coalesced-reads.js';
import type { Event, Movement, TicketInventoryRepository } from '../../../src/events/index.js';
import { isDuplicate, Outdated, type Tx } from '../../../src/platform/database/index.js';
import type { Network, Outgoing } from './network.js';
import { covers, type SimulatedStore, type Transaction } from './simulated-store.js';

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

/** As `BookingsRepository`, on the simulated store. */
export class SimulatedBookings implements Pick<
  BookingsRepository,
  'nextId' | 'read' | 'countTickets' | 'insert' | 'cancel' | 'findById'
> {
  constructor(
    private readonly link: Link,
    readonly nextId: () => string,
  ) {}

  async read(tx: Tx, ids: readonly string[], keys: readonly InEvent[]): Promise<Map<string, Booking>> {
    if (ids.length + keys.length === 0) return new Map();
    const names = new Set(keys.map(({ eventId, name }) => within(eventId, name)));
    const bookings = await this.link.within(tx, (transaction) => this.link.store.bookings(transaction));
    return new Map([...bookings].filter(([id, booking]) => ids.includes(id) || names.has(keyOf(booking) ?? '')));
  }

  async countTickets(tx: Tx, users: readonly InEvent[]): Promise<Map<string, number>> {
    if (users.length === 0) return new Map();
    const bookings = await this.link.within(tx, (transaction) => this.link.store.bookings(transaction));
    const sums = new Map<string, number>();
    for (const { eventId, userId, status, quantity } of bookings.values()) {
      const user = within(eventId, userId);
      if (status === 'confirmed') sums.set(user, (sums.get(user) ?? 0) + quantity);
    }
    return sums;
  }

  async insert(tx: Tx, bookings: readonly Booking[]): Promise<void> {
    if (bookings.length === 0) return;
    try {
      await this.link.within(tx, (transaction) => this.insertAll(transaction, bookings));
    } catch (error) {
      throw isDuplicate(error) ? new Outdated() : error;
    }
  }

  async cancel(tx: Tx, bookings: readonly Booking[]): Promise<void> {
    for (const { id, cancelledAt } of bookings) {
      const isCancelled = await this.link.within(tx, (transaction) =>
        this.link.store.cancel(transaction, id, cancelledAt),
      );
      assert(isCancelled, `booking ${id} is still confirmed`);
    }
  }

  findById(id: string): Promise<Booking | undefined> {
    return Promise.resolve(this.link.store.latest.bookings.get(id));
  }

  private insertAll(transaction: Transaction, bookings: readonly Booking[]): void {
    if (bookings.some(({ userId }) => userId === POISON)) {
      this.link.store.abort(transaction);
      throw new Error(POISON);
    }
    for (const booking of bookings) this.link.store.insert(transaction, booking);
  }
}

/** As `TicketInventoryRepository`, on the simulated store. */
export class SimulatedInventory implements Pick<TicketInventoryRepository, 'read' | 'readCommitted' | 'move'> {
  /** What a movement's update demands of its event. */
  guard = covers;
  private readonly committed: CoalescedReads<Event>;

  constructor(
    private readonly link: Link,
    clock: Clock,
  ) {
    this.committed = new CoalescedReads(clock, (ids) =>
      link.send({ execute: () => pick(link.store.latest.events, ids) }),
    );
  }

  read(tx: Tx, eventIds: readonly string[]): Promise<Map<string, Event>> {
    return this.link.within(tx, (transaction) => pick(this.link.store.events(transaction), eventIds));
  }

  readCommitted(eventIds: readonly string[]): Promise<ReadonlyMap<string, Event>> {
    return this.committed.read(eventIds);
  }

  async move(tx: Tx, movements: readonly Movement[]): Promise<void> {
    if (movements.length === 0) return;
    const moved = await this.link.within(tx, (transaction) =>
      movements.map((movement) => this.link.store.move(transaction, movement, this.guard)),
    );
    if (moved.every(Boolean)) return;
    assert(tx.attempt.number === 1, 'the events are as this transaction has read them');
    throw new Outdated();
  }
}

function keyOf({ eventId, idempotency }: Booking): string | undefined {
  return idempotency && within(eventId, idempotency.key);
}

function pick<Value>(all: ReadonlyMap<string, Value>, ids: readonly string[]): Map<string, Value> {
  return new Map([...all].filter(([id]) => ids.includes(id)));
}
