import type { Connection } from 'mongoose';
import { BookingCommands } from '../../../src/bookings/booking-commands.js';
import { BookingLane, type Commit } from '../../../src/bookings/lane/booking-lane.js';
import { type Errand, type Owner, toOwner } from '../../../src/bookings/lane/errand.js';
import { Errands } from '../../../src/bookings/lane/errands.js';
import { RoutedLane } from '../../../src/bookings/lane/routed-lane.js';
import type { LaneFactory } from '../../../src/bookings/lane-factory.js';
import type { RequestQueue } from '../../../src/bookings/request-queue.js';
import { BookingReads } from '../../../src/bookings/booking-reads.js';
import { CommandRegistry } from '../../../src/bookings/command-registry.js';
import { book } from '../../../src/bookings/decide/book.js';
import { cancel } from '../../../src/bookings/decide/cancel.js';
import { cancelBookings } from '../../../src/bookings/decide/cancel-bookings.js';
import { transfer } from '../../../src/bookings/decide/transfer.js';
import type { Command, Outcome } from '../../../src/bookings/decide/command.js';
import { BookingsMemory } from '../../../src/bookings/memory/bookings-memory.js';
import type { BookingChangesRepository } from '../../../src/bookings/store/booking-changes.repository.js';
import type { BookingsRepository } from '../../../src/bookings/store/bookings.repository.js';
import { BookingsService } from '../../../src/bookings/bookings.service.js';
import { deleteEvent } from '../../../src/event-edits/decide/delete-event.js';
import { editEvent } from '../../../src/event-edits/decide/edit-event.js';
import { EventEditsService } from '../../../src/event-edits/event-edits.service.js';
import type { EventEditsRepository } from '../../../src/event-edits/store/event-edits.repository.js';
import { confirm } from '../../../src/holds/decide/confirm.js';
import { expireHolds, settleHolds } from '../../../src/holds/decide/expire.js';
import { extend } from '../../../src/holds/decide/extend.js';
import { hold } from '../../../src/holds/decide/hold.js';
import { release } from '../../../src/holds/decide/release.js';
import { HoldExpiry } from '../../../src/holds/hold-expiry.js';
import { HoldReads } from '../../../src/holds/hold-reads.js';
import { HoldsService } from '../../../src/holds/holds.service.js';
import type { HoldsRepository } from '../../../src/holds/store/holds.repository.js';
import { handOver, reservedAreDue, withholdFreed } from '../../../src/waitlist/decide/hand-over.js';
import { join } from '../../../src/waitlist/decide/join.js';
import { leave } from '../../../src/waitlist/decide/leave.js';
import type { EntriesRepository } from '../../../src/waitlist/store/entries.repository.js';
import { WaitlistService } from '../../../src/waitlist/waitlist.service.js';
import { Problem } from '../../../src/common/problem.js';
import type { TicketInventoryRepository } from '../../../src/events/index.js';
import type { ApiKeysService } from '../../../src/platform/auth/index.js';
import { outcomeUnknown, Transactions, type Upgrade } from '../../../src/platform/database/index.js';
import { Messenger, type Wire } from '../../../src/platform/peers/index.js';
import { unmeasuredDatabase } from '../../support/unmeasured.js';
import { FakeClock } from '../../support/fake-clock.js';
import type { Network } from './network.js';
import {
  Link,
  POISON,
  SimulatedBookingChanges,
  SimulatedBookings,
  SimulatedHolds,
  SimulatedSession,
  SimulatedUserTickets,
} from './simulated-database.js';
import { SimulatedEventEdits, SimulatedEventUses } from './simulated-edits.js';
import { SimulatedInventory } from './simulated-inventory.js';
import type { SimulatedStore } from './simulated-store.js';
import { marked, SimulatedEntries } from './simulated-waitlist.js';

export const LIMITS = {
  maxWaiting: 8,
  maxWaitingPerEvent: 6,
  maxBatch: 4,
  maxWaitMs: 4_000,
  deadlineMs: 5_000,
  maxUnderWay: 1,
};

export const OFFER_SECONDS = 2;
export const HOLDS_LIMITS = { holdSeconds: 2, maxHoldSeconds: 4, maxHoldsPerUser: 2 };
/** So few that what is due needs several transactions. */
const DUE_MAX = 1;

/** Timers of its own, and the time of day that all processes agree on. */
class SharedClock extends FakeClock {
  constructor(private readonly time: () => number) {
    super();
  }

  override now(): Date {
    return new Date(this.time());
  }
}

const SECRET = 'of all servers';

/** What the schedules never reach. */
const UNUSED = undefined as unknown;

type CommitCommands = Commit<Command, Outcome>;

/** What a process is made of. A planted bug replaces some of it. */
export interface Parts {
  readonly store: SimulatedStore;
  readonly bookings: SimulatedBookings;
  readonly holds: SimulatedHolds;
  readonly bookingChanges: SimulatedBookingChanges;
  readonly userTickets: SimulatedUserTickets;
  readonly inventory: SimulatedInventory;
  readonly transactions: Transactions;
  readonly commands: BookingCommands;
  readonly registry: CommandRegistry;
  readonly memory: BookingsMemory;
  readonly service: BookingsService;
  readonly reads: BookingReads;
  readonly holdsService: HoldsService;
  readonly holdReads: HoldReads;
  readonly holdExpiry: HoldExpiry;
  readonly eventEdits: SimulatedEventEdits;
  readonly eventUses: SimulatedEventUses;
  readonly editsService: EventEditsService;
  readonly entries: SimulatedEntries;
  readonly waitlistService: WaitlistService;
  readonly lane: BookingLane<Command, Outcome>;
  readonly routed: RoutedLane;
  readonly errands: Errands;
  readonly messenger: Messenger;
  commit: CommitCommands;
  openSession: () => SimulatedSession;
}

/** A server of the product: its own code, with a lane of its own, on a store that others use too. */
export class SimulatedProcess {
  isAlive = true;
  readonly clock: FakeClock;
  readonly parts: Parts;
  /** What went wrong without a caller's being told. */
  readonly faults: string[] = [];
  /** By event, the process that this one takes for its owner; none where it is this one, or nobody. */
  readonly owners = new Map<string, string>();
  private readonly underWay: string[] = [];

  constructor(
    readonly id: string,
    store: SimulatedStore,
    network: Network,
    wire: Wire,
    nextId: () => string,
    time: () => number,
    plant: (parts: Parts) => void,
  ) {
    this.clock = new SharedClock(time);
    const link = new Link(store, network, () => this.isAlive);
    const connection = { getClient: () => ({ startSession: () => this.parts.openSession() }) };
    const bookings = new SimulatedBookings(link, nextId);
    const inventory = new SimulatedInventory(link, this.clock);
    const transactions = new Transactions(connection as unknown as Connection, this.clock, unmeasuredDatabase);
    const repository = bookings as unknown as BookingsRepository;
    const upgraded = { assertDone: () => {} } as unknown as Upgrade;
    const commands = new BookingCommands(repository, this.clock, upgraded, { maxTicketsPerBooking: 10 });
    const bookingChanges = new SimulatedBookingChanges(link);
    const userTickets = new SimulatedUserTickets(link);
    const holds = new SimulatedHolds(link, nextId);
    const registry = new CommandRegistry(DUE_MAX);
    registry.register({ kinds: [book, cancel, cancelBookings, transfer], stores: [userTickets, bookingChanges] });
    registry.register({
      kinds: [hold, confirm, release, extend, settleHolds],
      dueRules: [expireHolds],
      stores: [holds],
    });
    const eventEdits = new SimulatedEventEdits(link, nextId);
    const eventUses = new SimulatedEventUses(link);
    registry.register({ kinds: [editEvent, deleteEvent], stores: [eventEdits, eventUses] });
    const entries = new SimulatedEntries(link, nextId);
    registry.register({
      kinds: [marked(join, 'reserved'), marked(leave, 'unreserved')],
      dueRules: [reservedAreDue],
      freeingRules: [withholdFreed],
      closingRules: [handOver({ offerSeconds: OFFER_SECONDS, maxQuantity: 10 })],
      stores: [entries],
    });
    const memory = new BookingsMemory(this.clock);
    let opened: Pick<Parts, 'lane' | 'commit' | 'routed' | 'errands' | 'messenger'> | undefined;
    const open = (commit: CommitCommands) => {
      const lane = new BookingLane<Command, Outcome>(this.clock, LIMITS, (...batch) => this.watch(...batch));
      const ownerOf = (eventId: string) => this.ownerOf(eventId);
      const routed = new RoutedLane(this.clock, LIMITS, lane, { ownerOf }, outcomeUnknown);
      const errands = new Errands(this.clock, lane, registry.kinds);
      const carryOut = (body: unknown) => this.parts.errands.carryOut(body as Errand);
      const messenger = new Messenger(id, SECRET, wire, this.clock, carryOut, () => {});
      opened = { lane, commit, routed, errands, messenger };
      return {
        submit: (command: Command, hasDisconnected: () => boolean) => routed.submit(command, hasDisconnected, {}),
      };
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
    const reads = new BookingReads(
      repository,
      UNUSED as BookingChangesRepository,
      UNUSED as ApiKeysService,
      UNUSED as TicketInventoryRepository,
    );
    const held = holds as unknown as HoldsRepository;
    const holdsService = new HoldsService(service, held, UNUSED as RequestQueue, upgraded, HOLDS_LIMITS, {
      maxTicketsPerBooking: 10,
    });
    const holdReads = new HoldReads(held, inventory as unknown as TicketInventoryRepository);
    const holdExpiry = new HoldExpiry(service, this.clock);
    const edits = eventEdits as unknown as EventEditsRepository;
    const editsService = new EventEditsService(service, edits, holdExpiry, this.clock, upgraded);
    const waitlistService = new WaitlistService(service, entries as unknown as EntriesRepository, upgraded, {
      maxTicketsPerBooking: 10,
    });
    const openSession = () => new SimulatedSession(link);
    const made = {
      store,
      bookings,
      bookingChanges,
      holds,
      userTickets,
      inventory,
      transactions,
      commands,
      registry,
      memory,
      eventEdits,
      eventUses,
      entries,
    };
    const services = { service, reads, holdsService, holdReads, holdExpiry, editsService, waitlistService };
    this.parts = { ...made, ...services, ...opened!, openSession };
    plant(this.parts);
  }

  /** What is still there although nobody waits for anything. */
  get leftovers(): string[] {
    const { lane, memory, holdsService, holdExpiry, waitlistService } = this.parts as unknown as {
      lane: { readonly length: number; readonly resting: ReadonlySet<string> };
      memory: { keysInFlight: { keys: Set<string> } };
      holdsService: { keysInFlight: { keys: Set<string> } };
      waitlistService: { keysInFlight: { keys: Set<string> } };
      holdExpiry: { underWay: ReadonlyMap<string, unknown> };
    };
    const left = { timers: this.clock.pendingTimers, waiting: lane.length, resting: lane.resting.size };
    const all = {
      ...left,
      keys: [memory, holdsService, waitlistService].reduce((sum, { keysInFlight }) => sum + keysInFlight.keys.size, 0),
      batches: this.underWay.length,
      expiries: holdExpiry.underWay.size,
    };
    return Object.entries(all).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`]));
  }

  private ownerOf(eventId: string): Owner | undefined {
    const id = this.owners.get(eventId);
    if (id === undefined || id === this.id) return undefined;
    return toOwner(id, (...asked) => this.parts.messenger.request(...asked));
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
