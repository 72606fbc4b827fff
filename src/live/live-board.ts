import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { CoalescedReads } from '../common/concurrency/coalesced-reads.js';
import { type Event, TicketInventoryRepository } from '../events/index.js';
import { databaseUnavailable } from '../platform/database/index.js';
import { ChangeBell, type Ring } from './change-bell.js';
import { type Listener, PACE_MS } from './listener.js';
import { toMessage } from './message.js';

/** A little longer than the pace of a listener, so that no state comes too early for it. */
const TICK_MS = PACE_MS + 5;
const READ_AGAIN_MS = 500;
const EVENTS_IN_A_READ = 500;
/** A crowd that watches does not slow down a sale: where it is large, each listener gets fewer states. */
const OFFERS_PER_SECOND = 2_000;

/**
 * Knows who listens to what. It marks the events that have changed, and at each tick reads the newest committed state of
 * all of them at once, however many changes and listeners there were.
 */
@Injectable()
export class LiveBoard implements Ring {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly all = new Set<Listener>();
  private readonly marked = new Set<string>();
  private readonly firstReads: CoalescedReads<Event>;
  private isTicking = false;
  private nextTickAt = 0;

  constructor(
    private readonly inventory: TicketInventoryRepository,
    private readonly bell: ChangeBell,
    private readonly clock: Clock,
  ) {
    this.firstReads = new CoalescedReads(clock, (eventIds) => this.readNewest(eventIds));
  }

  /** How many listen. */
  get size(): number {
    return this.all.size;
  }

  join(listener: Listener): void {
    this.all.add(listener);
    for (const eventId of listener.eventIds) {
      const others = this.listeners.get(eventId);
      if (others) others.add(listener);
      else this.listeners.set(eventId, new Set([listener]));
    }
  }

  leave(listener: Listener): void {
    this.all.delete(listener);
    for (const eventId of listener.eventIds) {
      const others = this.listeners.get(eventId);
      others?.delete(listener);
      if (others?.size === 0) this.listeners.delete(eventId);
    }
  }

  endAll(): void {
    for (const listener of this.all) listener.end();
  }

  /** Returns the events by id, as committed after this call; those that do not exist are missing. Callers share one read. */
  read(eventIds: readonly string[]): Promise<ReadonlyMap<string, Event>> {
    return this.firstReads.read(eventIds);
  }

  changed(eventId: string): void {
    if (!this.listeners.has(eventId)) return;
    this.marked.add(eventId);
    this.tickLater();
  }

  missed(): void {
    for (const eventId of this.listeners.keys()) this.marked.add(eventId);
    this.tickLater();
  }

  private tickLater(): void {
    if (this.isTicking || this.marked.size === 0) return;
    this.isTicking = true;
    this.clock.after(Math.max(0, this.nextTickAt - this.clock.monotonic()), () => void this.tick());
  }

  private async tick(): Promise<void> {
    const eventIds = [...this.marked];
    this.marked.clear();
    let [offers, failures] = [0, 0];
    for (let from = 0; from < eventIds.length; from += EVENTS_IN_A_READ) {
      const some = eventIds.slice(from, from + EVENTS_IN_A_READ).filter((eventId) => this.listeners.has(eventId));
      const events = some.length > 0 ? await this.readNewest(some).catch(() => undefined) : new Map<string, Event>();
      if (events) {
        offers += this.tell(some, events);
        continue;
      }
      // The listeners stay, and hear the truth when the database is back.
      for (const eventId of some) this.marked.add(eventId);
      failures += 1;
    }
    const waitMs = Math.max(failures > 0 ? READ_AGAIN_MS : TICK_MS, (offers / OFFERS_PER_SECOND) * 1_000);
    // From the end of the reads on: they may take different times.
    this.nextTickAt = this.clock.monotonic() + waitMs;
    this.isTicking = false;
    this.tickLater();
  }

  /** Returns how many states were offered. */
  private tell(eventIds: readonly string[], events: ReadonlyMap<string, Event>): number {
    let offers = 0;
    for (const eventId of eventIds) {
      const event = events.get(eventId);
      const message = event && toMessage(event);
      for (const listener of this.listeners.get(eventId) ?? []) {
        offers += 1;
        if (message) listener.offer(message);
        else listener.end();
      }
    }
    return offers;
  }

  private async readNewest(eventIds: readonly string[]): Promise<ReadonlyMap<string, Event>> {
    const { moment } = this.bell;
    if (!moment) throw databaseUnavailable();
    return this.inventory.readCommittedSince(moment, eventIds);
  }
}
