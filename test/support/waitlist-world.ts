import { type Booking, BOOKINGS } from '../../src/bookings/booking.js';
import { CommandRegistry } from '../../src/bookings/command-registry.js';
import { book } from '../../src/bookings/decide/book.js';
import { cancel } from '../../src/bookings/decide/cancel.js';
import type { ClosingRule, Command, Decision, FreeingRule } from '../../src/bookings/decide/command.js';
import type { Lookup } from '../../src/bookings/decide/lookup.js';
import { dueLookupsOf, followLookupsOf, lookupsOf, planCommands } from '../../src/bookings/decide/planner.js';
import type { Table } from '../../src/bookings/decide/table.js';
import { USER_TICKETS, type UserTickets } from '../../src/bookings/decide/user-tickets.js';
import { editEvent } from '../../src/event-edits/decide/edit-event.js';
import type { Event } from '../../src/events/index.js';
import { confirm } from '../../src/holds/decide/confirm.js';
import { expireHolds, settleHolds } from '../../src/holds/decide/expire.js';
import { release } from '../../src/holds/decide/release.js';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import { handOver, reservedAreDue, withholdFreed } from '../../src/waitlist/decide/hand-over.js';
import { join } from '../../src/waitlist/decide/join.js';
import { leave } from '../../src/waitlist/decide/leave.js';
import type { QueueQuery } from '../../src/waitlist/decide/queue.js';
import { ENTRIES, type Entry } from '../../src/waitlist/entry.js';
import type { Idempotency } from '../../src/common/idempotency.js';
import { hold } from '../../src/holds/decide/hold.js';
import { decideRequests } from '../../src/requests/decide/decide-requests.js';
import { enqueue } from '../../src/requests/decide/enqueue.js';
import { failRequest } from '../../src/requests/decide/fail-request.js';
import { type QueuedRequest, REQUESTS } from '../../src/requests/request.js';
import { NOW } from './factories.js';

const OFFER_SECONDS = 600;
const MAX_QUANTITY = 10;
const PLANS_MAX = 5;

/** What a negative control replaces. */
export interface Replaced {
  readonly freeingRules?: readonly FreeingRule[];
  readonly closingRules?: readonly ClosingRule[];
}

/** One event and what belongs to it, in memory. Commands are planned as the engine does it, one transaction after the other. */
export class WaitlistWorld {
  readonly entries = new Map<string, Entry>();
  readonly holds = new Map<string, Hold>();
  readonly bookings = new Map<string, Booking>();
  readonly requests = new Map<string, QueuedRequest>();
  /** How many tickets users have, by their ids. */
  readonly userTickets = new Map<string, number>();
  now = NOW;
  /** How many entries were read, and by how many lookups, since the world was made. */
  readonly read = { entries: 0, lookups: 0, plans: 0 };
  private readonly registry = new CommandRegistry();
  private readonly queueKinds = [enqueue(this.registry.kinds), decideRequests(this.registry.kinds), failRequest];

  constructor(
    public event: Event,
    {
      freeingRules = [withholdFreed],
      closingRules = [handOver({ offerSeconds: OFFER_SECONDS, maxQuantity: MAX_QUANTITY })],
    }: Replaced = {},
  ) {
    this.registry.register({
      kinds: [book, hold, cancel, confirm, release, settleHolds, join, leave, editEvent, ...this.queueKinds],
      dueRules: [expireHolds, reservedAreDue],
      freeingRules,
      closingRules,
    });
  }

  /** One transaction. Returns what became of the commands; undefined for those that have to be decided again. */
  commit(...commands: Command[]): readonly Decision[] {
    const events = new Map([[this.event.id, this.event]]);
    const documents = new Map<string, readonly unknown[]>();
    const read = (lookups: readonly Lookup[]) => {
      for (const lookup of lookups)
        documents.set(lookup.table, [...(documents.get(lookup.table) ?? []), ...this.find(lookup)]);
    };
    const known = { events, mayHaveCommitted: false };
    read(dueLookupsOf(events, this.now, this.registry));
    read(lookupsOf(commands, known, documents, this.registry));
    read(followLookupsOf(commands, known, documents, this.registry));
    const asked: Lookup[] = [];
    const moment = { now: this.now, mayHaveCommitted: false };
    let plan = planCommands(commands, { events, documents, asked }, this.registry, moment);
    for (let plans = 1; plan.asks.length > 0 && plans < PLANS_MAX; plans += 1) {
      asked.push(...plan.asks);
      read(plan.asks);
      plan = planCommands(commands, { events, documents, asked }, this.registry, moment);
      this.read.plans += 1;
    }
    this.event = plan.eventsAfter[0] ?? this.event;
    this.write(plan.changes.get(ENTRIES.name), ENTRIES, this.entries);
    this.write(plan.changes.get(HOLDS.name), HOLDS, this.holds);
    this.write(plan.changes.get(REQUESTS.name), REQUESTS, this.requests);
    this.write(plan.changes.get(BOOKINGS.name), BOOKINGS, this.bookings);
    for (const { after } of plan.changes.get(USER_TICKETS.name) ?? []) {
      const { userId, tickets } = after as UserTickets;
      this.userTickets.set(userId, tickets);
    }
    return plan.outcomes;
  }

  /** Commits until the command is decided, and nothing is due at the event. Returns what became of it. */
  do(command: Command): Decision {
    let [outcome] = this.commit(command);
    while (!outcome) [outcome] = this.commit(command);
    this.settle();
    return outcome;
  }

  settle(): void {
    while (!this.commit({ kind: 'settleHolds', eventId: this.event.id })[0]);
  }

  private write<Doc>(
    changes: readonly { after: unknown }[] | undefined,
    table: Table<Doc>,
    to: Map<string, Doc>,
  ): void {
    for (const { after } of changes ?? []) to.set(table.namesOf(after as Doc)[0], after as Doc);
  }

  private find({ table, by, value, limit = 1 }: Lookup): unknown[] {
    if (table === USER_TICKETS.name) {
      const tickets = this.userTickets.get(value) ?? 0;
      return [{ eventId: this.event.id, userId: value, tickets, isStored: this.userTickets.has(value) }];
    }
    if (table === BOOKINGS.name)
      return by === 'key' ? findByKey(this.bookings, value) : [this.bookings.get(value) ?? []].flat();
    if (table === REQUESTS.name) return this.findRequests(by, value, limit);
    if (table === HOLDS.name) return this.findHolds(by, value, limit);
    if (table === ENTRIES.name) return this.findEntries(by, value);
    return [];
  }

  private findRequests(by: string, value: string, limit: number): QueuedRequest[] {
    if (by === 'id') return [this.requests.get(value) ?? []].flat();
    if (by === 'key') return findByKey(this.requests, value);
    const waiting = [...this.requests.values()].filter(
      ({ status, number }) => status === 'queued' && number > Number(value),
    );
    return waiting.sort((one, other) => one.number - other.number).slice(0, limit);
  }

  private findHolds(by: string, value: string, limit: number): Hold[] {
    if (by === 'due') return this.findDue(Number(value), limit);
    if (by === 'key') return findByKey(this.holds, value);
    if (by === 'user') return [...this.holds.values()].filter(({ userId }) => userId === value);
    return [this.holds.get(value) ?? []].flat();
  }

  private findDue(until: number, limit: number): Hold[] {
    const active = [...this.holds.values()].filter(({ status }) => status === 'active');
    const sorted = active.sort((one, other) => one.expiresAt - other.expiresAt);
    const due = sorted.filter(({ expiresAt }) => expiresAt <= until);
    return due.length > limit ? due.slice(0, limit + 1) : sorted.slice(0, due.length + 1);
  }

  private findEntries(by: string, value: string): Entry[] {
    this.read.lookups += 1;
    if (by === 'id') return [this.entries.get(value) ?? []].flat();
    if (by === 'user') {
      return [...this.entries.values()].filter(
        ({ userId, status }) => userId === value && ['waiting', 'offered'].includes(status),
      );
    }
    const { sectionId, after, limits } = JSON.parse(value) as QueueQuery;
    const left = new Map(limits.map(({ quantity, limit }) => [quantity, limit]));
    const first: Entry[] = [];
    for (const entry of this.entries.values()) {
      const limit = left.get(entry.quantity) ?? 0;
      if (limit === 0 || entry.status !== 'waiting' || entry.number <= after || entry.sectionId !== sectionId) continue;
      left.set(entry.quantity, limit - 1);
      first.push(entry);
    }
    this.read.entries += first.length;
    return first;
  }
}

function findByKey<Doc extends { readonly idempotency: Idempotency | undefined }>(
  docs: ReadonlyMap<string, Doc>,
  key: string,
): Doc[] {
  return [...docs.values()].filter(({ idempotency }) => idempotency?.key === key);
}
