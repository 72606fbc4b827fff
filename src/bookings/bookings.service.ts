import { Injectable } from '@nestjs/common';
import { assert } from '../common/assert.js';
import { Clock } from '../common/clock.js';
import { idempotencyKeyReused } from '../common/idempotency.js';
import { Problem } from '../common/problem.js';
import type { HasDisconnected } from '../common/trace.js';
import type { Attempt, Attempted } from '../common/transaction-attempt.js';
import { type Event, TicketInventoryRepository } from '../events/index.js';
import { type Caller, maySee } from '../platform/auth/index.js';
import { Outdated, Transactions, type Tx } from '../platform/database/index.js';
import { type Booking, BOOKINGS } from './booking.js';
import { BookingCommands, type BookingRequest, type CancelRequest } from './booking-commands.js';
import { CommandRegistry } from './command-registry.js';
import type { Cancelled } from './decide/cancel.js';
import type { Command, Decision, Done, Outcome } from './decide/command.js';
import type { Lookup } from './decide/lookup.js';
import { changesOf, dueLookupsOf, followLookupsOf, lookupsOf, type Plan, planCommands } from './decide/planner.js';
import { within } from './decide/table.js';
import { type Lane, LaneFactory } from './lane-factory.js';
import { BookingsMemory } from './memory/bookings-memory.js';
import { BookingsRepository } from './store/bookings.repository.js';

/** The events of a batch by id: those from memory, and those that the transaction has read. */
interface Events {
  readonly remembered: ReadonlyMap<string, Event>;
  readonly read: ReadonlyMap<string, Event>;
}

/** What was read, by the name of its table. */
type Documents = Map<string, readonly unknown[]>;

/** The outcome of a command; undefined where it has to be decided again, the problem where it waits for others. */
type Answer = Outcome | Problem | undefined;

/** How often a batch is planned: each time on more documents. The last plan is as true as the first. */
const PLANS_MAX = 5;

/** The engine: every change of tickets is a command, and passes the one transaction here. */
@Injectable()
export class BookingsService {
  private readonly lane: Lane;

  constructor(
    lanes: LaneFactory,
    private readonly commands: BookingCommands,
    private readonly registry: CommandRegistry,
    private readonly transactions: Transactions,
    private readonly inventory: TicketInventoryRepository,
    private readonly bookings: BookingsRepository,
    private readonly memory: BookingsMemory,
    private readonly clock: Clock,
  ) {
    this.lane = lanes.open((commands, attempt) => this.transact(commands, attempt));
  }

  /**
   * Books tickets. Returns the booking, committed, and whether an earlier request with the same key has made it.
   * Throws as `submit` does.
   */
  async book(request: BookingRequest, caller: Caller, hasDisconnected: HasDisconnected): Promise<Done<Booking>> {
    const command = this.commands.book(request, caller.key?.id);
    const key = command.idempotency && within(command.eventId, command.idempotency.key);
    const done = await this.memory.keysInFlight.run(key, () => this.submit<Booking>(command, hasDisconnected));
    // A replaced API key has no part in what its successor sells.
    if (!maySee(caller, done.result.soldBy)) throw idempotencyKeyReused();
    return done;
  }

  /**
   * Cancels a booking, or a part of it. Returns it, the tickets returned exactly once, and whether an earlier request
   * with the same key has done it. Throws as `submit` does, and `upgrade_in_progress` for a part.
   */
  async cancel(
    booking: Booking,
    request: CancelRequest,
    caller: Caller,
    hasDisconnected: HasDisconnected,
  ): Promise<Done<Cancelled>> {
    const command = this.commands.cancel(booking, request, caller.key?.name);
    const key = command.idempotency && within(booking.id, command.idempotency.key);
    return this.memory.keysInFlight.run(key, () => this.submit<Cancelled>(command, hasDisconnected));
  }

  /** Gives the tickets of a booking to another user. Returns it. Throws as `submit` does, and `upgrade_in_progress`. */
  transfer(booking: Booking, to: string, caller: Caller, hasDisconnected: HasDisconnected): Promise<Done<Booking>> {
    return this.submit<Booking>(this.commands.transfer(booking, to, caller.key?.name), hasDisconnected);
  }

  /**
   * Carries out a command of any registered kind. Returns what it did, once that is committed. Does not try it if the
   * client has disconnected meanwhile.
   * Throws the problem that refuses it, after a committed read has confirmed the reason; `overloaded` or
   * `database_unavailable` if nothing was changed, and `outcome_unknown` if that is not known.
   */
  async submit<Result>(command: Command, hasDisconnected: HasDisconnected): Promise<Done<Result>> {
    const outcome = (await this.lane.submit(command, hasDisconnected)) as Outcome<Result>;
    if (outcome.kind === 'refused') throw new Problem(outcome.problem);
    return outcome;
  }

  /** The transaction: the tickets, the bookings and all other documents change together, or not at all. */
  private async transact(commands: readonly Command[], attempt: Attempt): Promise<Attempted<readonly Answer[]>> {
    const eventIds = [...new Set(commands.map((command) => command.eventId))];
    const attempted = await this.memory.unresolvedCommits.watch(eventIds, attempt, (watched) =>
      this.transactions.attempt(watched, async (tx) => {
        const events = await this.findEvents(tx, eventIds);
        const plan = await this.plan(tx, commands, events);
        const { inserted, updated } = changesOf(plan, BOOKINGS);
        // The guards first: a transaction that has lost a race for an event ends before it writes anything else.
        if (!(await this.inventory.move(tx, plan.movements))) throw outdated(events);
        await this.bookings.insert(tx, inserted);
        await this.bookings.update(tx, updated);
        for (const store of this.registry.stores) {
          const changes = changesOf(plan, store.table);
          await store.insert(tx, changes.inserted);
          await store.update(tx, changes.updated);
        }
        return { plan, read: events.read };
      }),
    );
    if (attempted.kind === 'failed') return attempted;
    const { plan, read } = attempted.result;
    // What a committed transaction has read is what a majority has.
    this.memory.events.see(read.values());
    this.memory.events.keep(plan.eventsAfter);
    this.memory.events.forget(plan.movements.filter(({ isLast }) => isLast).map(({ eventId }) => eventId));
    for (const listener of this.registry.listeners) listener.whenCommitted(plan);
    const known = new Map([...read, ...plan.eventsAfter.map((event) => [event.id, event] as const)]);
    return { kind: 'committed', result: toAnswers(plan.outcomes, commands, known) };
  }

  /** Finds the events in memory, on a first attempt, and reads the others. */
  private async findEvents(tx: Tx, eventIds: readonly string[]): Promise<Events> {
    const mayUseMemory = tx.attempt.number === 1;
    const remembered = mayUseMemory ? this.memory.events.find(eventIds) : new Map<string, Event>();
    const unknown = eventIds.filter((id) => !remembered.has(id));
    const read = unknown.length > 0 ? await this.inventory.read(tx, unknown) : new Map<string, Event>();
    return { remembered, read };
  }

  /** Decides the commands. Throws Outdated if what is answered without a write is based on an event in memory that has changed. */
  private async plan(tx: Tx, commands: readonly Command[], { remembered, read }: Events): Promise<Plan> {
    const events = new Map([...remembered, ...read]);
    const { mayHaveCommitted } = tx.attempt;
    const now = this.clock.now().getTime();
    const documents: Documents = new Map();
    await this.readDocuments(tx, dueLookupsOf(events, now, this.registry), documents);
    const known = { events, mayHaveCommitted };
    await this.readDocuments(tx, lookupsOf(commands, known, documents, this.registry), documents);
    await this.readDocuments(tx, followLookupsOf(commands, known, documents, this.registry), documents);
    const asked: Lookup[] = [];
    const planAgain = () =>
      planCommands(commands, { events, documents, asked }, this.registry, { now, mayHaveCommitted });
    let plan = planAgain();
    for (let plans = 1; plan.asks.length > 0 && plans < PLANS_MAX; plans += 1) {
      asked.push(...plan.asks);
      await this.readDocuments(tx, plan.asks, documents);
      plan = planAgain();
    }

    // The guard checks that the tickets taken are there, not that those refused are missing: confirm it with a committed read.
    const unproven = [...new Set([...plan.refusing, ...plan.reliedOn])].filter((id) => remembered.has(id));
    if (unproven.length > 0) {
      const committed = await this.inventory.readCommitted(unproven);
      if (!this.memory.events.areStill(remembered, unproven, committed)) throw new Outdated();
    }
    return plan;
  }

  /** Reads what is looked up, and adds it to the documents of its table. */
  private async readDocuments(tx: Tx, lookups: readonly Lookup[], documents: Documents): Promise<void> {
    for (const store of [this.bookings, ...this.registry.stores]) {
      const own = lookups.filter(({ table }) => table === store.table.name);
      if (own.length === 0) continue;
      const known = documents.get(store.table.name) ?? [];
      documents.set(store.table.name, [...known, ...(await store.read(tx, own))]);
    }
  }
}

/** What the lane is told, with the revision of the event at which something was done, where that is known. */
function toAnswers(
  outcomes: readonly Decision[],
  commands: readonly Command[],
  known: ReadonlyMap<string, Event>,
): Answer[] {
  return outcomes.map((outcome, index) => {
    if (outcome?.kind === 'postponed') return new Problem(outcome.problem);
    const event = known.get(commands[index]?.eventId ?? '');
    return outcome?.kind === 'done' && event ? { ...outcome, revision: event.revision } : outcome;
  });
}

/** An event has changed since it was planned on. */
function outdated({ remembered }: Events): Outdated {
  assert(remembered.size > 0, 'events that this transaction has read do not change in it');
  return new Outdated();
}
