import { Injectable } from '@nestjs/common';
import type { Attempt, Attempted } from '../common/transaction-attempt.js';
import { idempotencyKeyReused } from '../common/idempotency.js';
import { KeysInFlight } from '../common/concurrency/keys-in-flight.js';
import { decodeCursor, type Page, toPage } from '../common/page.js';
import { type Event, TicketInventoryRepository } from '../events/index.js';
import { type Caller, maySee } from '../platform/auth/index.js';
import { Outdated, Transactions, type Tx } from '../platform/database/index.js';
import type { Booking } from './booking.js';
import { BookingCommands, type BookingRequest } from './booking-commands.js';
import { within } from './decide/draft.js';
import { LaneFactory, type Lane } from './lane-factory.js';
import { type Command, type Done, type Outcome, type Plan, planBookings } from './decide/planner.js';
import { bookingNotFound } from './bookings.problems.js';
import { type BookingFilter, BookingsRepository } from './store/bookings.repository.js';
import { UnresolvedCommits } from './memory/unresolved-commits.js';
import { limitedUsers, namedBookings, usedKeys } from './decide/lookups.js';
import { EventCache } from './memory/event-cache.js';

interface Planned {
  readonly plan: Plan;
  /** The events that the transaction has read. */
  readonly read: ReadonlyMap<string, Event>;
}

@Injectable()
export class BookingsService {
  private readonly lane: Lane;
  private readonly eventCache = new EventCache();
  private readonly unresolvedCommits = new UnresolvedCommits();
  private readonly keysInFlight = new KeysInFlight();

  constructor(
    lanes: LaneFactory,
    private readonly commands: BookingCommands,
    private readonly transactions: Transactions,
    private readonly inventory: TicketInventoryRepository,
    private readonly bookings: BookingsRepository,
  ) {
    this.lane = lanes.open((commands, attempt) => this.transact(commands, attempt));
  }

  /**
   * The booking, committed, and whether an earlier request with the same key has made it. Nothing is tried once `hasDisconnected`.
   * Throws the problem that refuses it, which rests on a committed read; `overloaded` or `database_unavailable` when
   * nothing was changed, and `outcome_unknown` when that is not known.
   */
  async book(request: BookingRequest, caller: Caller, hasDisconnected: () => boolean): Promise<Done> {
    const command = this.commands.book(request, caller.key?.id);
    const key = command.idempotency && within(command.eventId, command.idempotency.key);
    const done = await this.keysInFlight.run(key, () => this.execute(command, hasDisconnected));
    // A replaced key has no part in what its successor sells.
    if (!maySee(caller, done.booking.soldBy)) throw idempotencyKeyReused();
    return done;
  }

  /** The booking, cancelled, its tickets returned exactly once. Throws as `book` does. */
  async cancel(id: string, caller: Caller, hasDisconnected: () => boolean): Promise<Booking> {
    const booking = await this.get(id, caller);
    const outcome = await this.execute(this.commands.cancel(booking.id, booking.eventId), hasDisconnected);
    return outcome.booking;
  }

  /** Throws `booking_not_found`, which is also said of what is none of the caller's business. */
  async get(id: string, caller: Caller): Promise<Booking> {
    const booking = await this.bookings.findById(id);
    if (!booking || !maySee(caller, booking.soldBy)) throw bookingNotFound(id);
    return booking;
  }

  /** Newest first. Throws `validation_failed` for a cursor of another list. */
  async list(filter: BookingFilter, limit: number, cursor: string | undefined): Promise<Page<Booking>> {
    const named = new URLSearchParams({ event: filter.eventId ?? '', user: filter.userId ?? '' });
    const list = `bookings?${named.toString()}`;
    const after = cursor === undefined ? undefined : decodeCursor(cursor, list);
    const read = await this.bookings.list(filter, after, limit + 1);
    return toPage(read, limit, list, (booking) => ({ at: booking.bookedAt, id: booking.id }));
  }

  /** All of them, newest first, read as they are taken. */
  all(filter: BookingFilter): AsyncIterable<Booking> {
    return this.bookings.all(filter);
  }

  private async execute(command: Command, hasDisconnected: () => boolean): Promise<Done> {
    const outcome = await this.lane.submit(command, hasDisconnected);
    if (outcome.kind === 'refused') throw outcome.problem;
    return outcome;
  }

  /** The transaction: what is decided, the bookings and the tickets that they take become true together, or not at all. */
  private async transact(commands: readonly Command[], attempt: Attempt): Promise<Attempted<readonly Outcome[]>> {
    const ids = [...new Set(commands.map((command) => command.eventId))];
    const attempted = await this.unresolvedCommits.watch(ids, attempt, (watched) =>
      this.transactions.attempt(watched, async (tx) => {
        const planned = await this.plan(tx, commands, ids);
        // The guards first: whoever loses a race for an event learns it before anything else is written.
        await this.inventory.move(tx, planned.plan.movements);
        await this.bookings.insert(tx, planned.plan.newBookings);
        await this.bookings.cancel(tx, planned.plan.cancelledBookings);
        return planned;
      }),
    );
    if (attempted.kind === 'failed') return attempted;
    const { plan, read } = attempted.result;
    // What a transaction has read is what a majority has, once it is committed.
    this.eventCache.see(read.values());
    this.eventCache.keep(plan.eventsAfter);
    return { kind: 'committed', result: plan.outcomes };
  }

  /** Decides on the events as they were last seen: the guards of what is written are the judges of that. */
  private async plan(tx: Tx, commands: readonly Command[], ids: readonly string[]): Promise<Planned> {
    const { number, mayHaveCommitted } = tx.attempt;
    const remembered = number === 1 ? this.eventCache.find(ids) : new Map<string, Event>();
    const unknown = ids.filter((id) => !remembered.has(id));
    const read = unknown.length > 0 ? await this.inventory.read(tx, unknown) : new Map<string, Event>();
    const events = new Map([...remembered, ...read]);
    const bookings = await this.bookings.read(tx, namedBookings(commands, mayHaveCommitted), usedKeys(commands));
    const userTickets = await this.bookings.countTickets(tx, limitedUsers(commands, events));

    const plan = planBookings(commands, { events, bookings, userTickets }, mayHaveCommitted);
    // A refusal that nothing is written with has no judge: what it rests on has to be what is committed.
    const unproven = plan.refusing.filter((id) => remembered.has(id));
    if (unproven.length === 0) return { plan, read };
    const committed = await this.inventory.readCommitted(unproven);
    this.eventCache.see(committed.values());
    if (unproven.every((id) => committed.get(id)?.revision === remembered.get(id)?.revision)) return { plan, read };
    throw new Outdated();
  }
}
