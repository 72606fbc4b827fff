import type { Event } from '../../../src/events/event.js';
import { idOf } from '../../support/factories.js';
import { type FakeClock, settle, START } from '../../support/fake-clock.js';
import { DELIVERED, type Fate, Network } from './network.js';
import { type Parts, SimulatedProcess } from './simulated-process.js';
import { SimulatedStore } from './simulated-store.js';
import { SimulatedWire, type WireFate } from './wire.js';

const PROCESSES = 2;
/** More than the pulse needs where it works. */
const BEATS = 3;

/** Several processes on one store, and what happens to them and between them. */
export class Surroundings {
  readonly store: SimulatedStore;
  readonly processes: SimulatedProcess[];
  private readonly network = new Network();
  private readonly receivers = new Map<string, (text: string) => void>();
  private readonly wire = new SimulatedWire(this.receivers);
  private readonly clocks: FakeClock[] = [];
  private lastId = 0;

  constructor(
    events: readonly Event[],
    private readonly plant: (parts: Parts) => void,
  ) {
    this.store = new SimulatedStore(events, () => this.now);
    this.processes = Array.from({ length: PROCESSES }, () => this.start());
  }

  /** The time of day: that of the process for which most has passed. */
  get now(): number {
    return START + Math.max(0, ...this.clocks.map((clock) => clock.monotonic()));
  }

  /** An id that nobody else has. */
  takeId(): string {
    return idOf(++this.lastId);
  }

  /** Somebody changes an event's status in the database, past all servers. */
  pauseOrResume(eventId: string): void {
    const event = this.store.latest.events.get(eventId);
    if (!event || event.status === 'cancelled') return;
    this.store.edit({ ...event, status: event.status === 'paused' ? 'on_sale' : 'paused' });
  }

  /** The process stops for ever; what it has sent is still on its way, and its transactions are open. Another takes its place. */
  crash(at: number): void {
    const gone = this.processAt(at);
    gone.isAlive = false;
    this.receivers.delete(gone.id);
    this.processes[at % PROCESSES] = this.start();
  }

  async pass(at: number, milliseconds: number): Promise<void> {
    await this.processAt(at).clock.advance(milliseconds);
  }

  /** From now on the process takes another one for the owner of the event, as that is now; or itself, which is like nobody. */
  believe(at: number, eventId: string, owner: number): void {
    this.processAt(at).owners.set(eventId, this.processAt(owner).id);
  }

  /** Something happens to a text between two processes. */
  async passOn(index: number, fate: WireFate): Promise<void> {
    if (this.wire.pending === 0) return;
    this.wire.deliver(index, fate);
    await settle();
  }

  async deliver(index: number, fate: Fate): Promise<void> {
    if (this.network.pending === 0) return;
    this.network.deliver(index, fate);
    await settle();
  }

  /** Delivers all that is sent, but leaves the first `held` messages where they are. */
  async deliverAll(held = 0): Promise<void> {
    while (this.network.pending > held || this.wire.pending > 0) {
      if (this.wire.pending > 0) await this.passOn(0, 'delivered');
      else await this.deliver(held, DELIVERED);
    }
  }

  async deliverUntil(isEnough: () => boolean): Promise<void> {
    while (this.network.pending > 0 && !isEnough()) await this.deliver(0, DELIVERED);
  }

  /** Delivers all that goes before the next commit. */
  deliverUntilCommit(): Promise<void> {
    return this.deliverUntil(() => this.network.isCommitNext);
  }

  /** Lets everything end. Then the pulse gives back what it finds at events that are cancelled, and hands over what is kept. */
  async finish(): Promise<void> {
    await this.rest();
    for (const { id } of this.store.latest.events.values()) {
      for (let beat = 0; beat < BEATS && this.isForPulse(id); beat++) {
        void this.processAt(0)
          .parts.holdExpiry.settleFully(id)
          .catch(() => undefined);
        await this.rest();
      }
    }
  }

  /** Whether the event is cancelled and `TicketInventoryRepository.findDue` finds it, or it keeps tickets for those who wait. */
  private isForPulse(eventId: string): boolean {
    const { status, nextHoldExpiresAt = Infinity, waitlist } = this.store.latest.events.get(eventId)!;
    if (status === 'on_sale') return waitlist !== undefined && waitlist.reserved.length > 0;
    return status === 'cancelled' && nextHoldExpiresAt <= this.now;
  }

  private async rest(): Promise<void> {
    const isBusy = () =>
      this.network.pending > 0 || this.wire.pending > 0 || this.processes.some(({ clock }) => clock.pendingTimers > 0);
    for (let round = 0; round < 200 && isBusy(); round++) {
      if (round % 20 === 19) this.store.abortAll();
      await this.deliverAll();
      for (const at of this.processes.keys()) await this.pass(at, 50);
    }
  }

  protected processAt(at: number): SimulatedProcess {
    return this.processes[at % PROCESSES]!;
  }

  private start(): SimulatedProcess {
    const process = new SimulatedProcess(
      `process ${this.clocks.length + 1}`,
      this.store,
      this.network,
      this.wire,
      () => this.takeId(),
      () => this.now,
      this.plant,
    );
    this.clocks.push(process.clock);
    this.receivers.set(process.id, (text) => void process.parts.messenger.take(text));
    return process;
  }

  /** The id that is given next. */
  protected get nextId(): string {
    return idOf(this.lastId + 1);
  }
}
