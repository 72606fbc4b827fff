import type { Connection } from 'mongoose';
import { BookingCommands } from '../../../src/bookings/booking-commands.js';
import { BookingLane, type Commit } from '../../../src/bookings/lane/booking-lane.js';
import type { LaneFactory } from '../../../src/bookings/lane-factory.js';
import { BookingReads } from '../../../src/bookings/booking-reads.js';
import { CommandRegistry } from '../../../src/bookings/command-registry.js';
import { book } from '../../../src/bookings/decide/book.js';
import { cancel } from '../../../src/bookings/decide/cancel.js';
import type { Command, Outcome } from '../../../src/bookings/decide/command.js';
import { BookingsMemory } from '../../../src/bookings/memory/bookings-memory.js';
import type { BookingsRepository } from '../../../src/bookings/store/bookings.repository.js';
import { BookingsService } from '../../../src/bookings/bookings.service.js';
import { Problem } from '../../../src/common/problem.js';
import type { TicketInventoryRepository } from '../../../src/events/index.js';
import { Transactions } from '../../../src/platform/database/index.js';
import { unmeasuredDatabase } from '../../support/unmeasured.js';
import { FakeClock } from '../../support/fake-clock.js';
import type { Network } from './network.js';
import {
  Link,
  POISON,
  SimulatedBookings,
  SimulatedInventory,
  SimulatedSession,
  SimulatedUserTickets,
} from './simulated-database.js';
import type { SimulatedStore } from './simulated-store.js';

export const LIMITS = {
  maxWaiting: 8,
  maxWaitingPerEvent: 6,
  maxBatch: 4,
  maxWaitMs: 4_000,
  deadlineMs: 5_000,
};

type CommitCommands = Commit<Command, Outcome>;

/** What a process is made of. A planted bug replaces some of it. */
export interface Parts {
  readonly store: SimulatedStore;
  readonly bookings: SimulatedBookings;
  readonly userTickets: SimulatedUserTickets;
  readonly inventory: SimulatedInventory;
  readonly transactions: Transactions;
  readonly commands: BookingCommands;
  readonly registry: CommandRegistry;
  readonly memory: BookingsMemory;
  readonly service: BookingsService;
  readonly reads: BookingReads;
  readonly lane: BookingLane<Command, Outcome>;
  commit: CommitCommands;
  openSession: () => SimulatedSession;
}

/** A server of the product: its own code, with a lane of its own, on a store that others use too. */
export class SimulatedProcess {
  isAlive = true;
  readonly clock = new FakeClock();
  readonly parts: Parts;
  /** What went wrong without a caller's being told. */
  readonly faults: string[] = [];
  private readonly underWay: string[] = [];

  constructor(store: SimulatedStore, network: Network, nextId: () => string, plant: (parts: Parts) => void) {
    const link = new Link(store, network, () => this.isAlive);
    const connection = { getClient: () => ({ startSession: () => this.parts.openSession() }) };
    const bookings = new SimulatedBookings(link, nextId);
    const inventory = new SimulatedInventory(link, this.clock);
    const transactions = new Transactions(connection as unknown as Connection, this.clock, unmeasuredDatabase);
    const repository = bookings as unknown as BookingsRepository;
    const commands = new BookingCommands(repository, this.clock, { maxTicketsPerBooking: 10 });
    const userTickets = new SimulatedUserTickets(link);
    const registry = new CommandRegistry().register({ kinds: [book, cancel], stores: [userTickets] });
    const memory = new BookingsMemory(this.clock);
    let opened: Pick<Parts, 'lane' | 'commit'> | undefined;
    const open = (commit: CommitCommands) => {
      const lane = new BookingLane<Command, Outcome>(this.clock, LIMITS, (...batch) => this.watch(...batch));
      opened = { lane, commit };
      return lane;
    };
    const service = new BookingsService(
      { open } as unknown as LaneFactory,
      commands,
      registry,
      transactions,
      inventory as unknown as TicketInventoryRepository,
      repository,
      memory,
      this.clock,
    );
    const reads = new BookingReads(repository);
    const openSession = () => new SimulatedSession(link);
    const made = { store, bookings, userTickets, inventory, transactions, commands, registry, memory, service, reads };
    this.parts = { ...made, ...opened!, openSession };
    plant(this.parts);
  }

  /** What is still there although nobody waits for anything. */
  get leftovers(): string[] {
    const { lane, memory } = this.parts as unknown as {
      lane: { readonly length: number; readonly resting: ReadonlySet<string> };
      memory: { keysInFlight: { keys: Set<string> } };
    };
    const left = { timers: this.clock.pendingTimers, waiting: lane.length, resting: lane.resting.size };
    const all = { ...left, keys: memory.keysInFlight.keys.size, batches: this.underWay.length };
    return Object.entries(all).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`]));
  }

  private async watch(...[commands, attempt]: Parameters<CommitCommands>): ReturnType<CommitCommands> {
    const events = [...new Set(commands.map(({ eventId }) => eventId))];
    if (events.some((id) => this.underWay.includes(id))) this.faults.push('two batches with the same event');
    this.underWay.push(...events);
    try {
      return await this.parts.commit(commands, attempt);
    } catch (error) {
      if (!(error instanceof Problem) && (error as Error).message !== POISON) this.faults.push(String(error));
      throw error;
    } finally {
      for (const id of events) this.underWay.splice(this.underWay.indexOf(id), 1);
    }
  }
}
