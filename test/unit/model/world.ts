import type { Booking } from '../../../src/bookings/booking.js';
import type { Event } from '../../../src/events/event.js';
import { Problem } from '../../../src/common/problem.js';
import { ANYBODY } from '../../../src/platform/auth/index.js';
import { idOf } from '../../support/factories.js';
import { settle } from '../../support/fake-clock.js';
import type { Wish } from './model.js';
import { DELIVERED, type Fate, Network } from './network.js';
import { type Parts, SimulatedProcess } from './simulated-process.js';
import { SimulatedStore } from './simulated-store.js';

interface Booked {
  readonly booking: Booking;
  readonly isReplay: boolean;
}

/** What a caller was told: a booking, or the code of a problem, or an error that is none. */
type Answer =
  | ({ readonly kind: 'booking' } & Booked)
  | { readonly kind: 'problem'; readonly code: string }
  | { readonly kind: 'error'; readonly message: string };

/** One request, from its arrival to its answer. Moments are numbers of commits. */
export interface Call {
  readonly process: SimulatedProcess;
  readonly eventId: string;
  /** Undefined for a cancellation. */
  readonly wish: Wish | undefined;
  /** The booking that it wants to make, or to cancel. */
  readonly bookingId: string;
  readonly asked: number;
  readonly askedMs: number;
  hasDisconnected: boolean;
  answer: Answer | undefined;
  answered: number;
  answeredMs: number;
}

const PROCESSES = 2;

/** Several processes on one store, and all that was asked of them. */
export class World {
  readonly store: SimulatedStore;
  readonly calls: Call[] = [];
  readonly processes: SimulatedProcess[];
  private readonly network = new Network();
  private lastId = 0;

  constructor(
    events: readonly Event[],
    private readonly plant: (parts: Parts) => void,
  ) {
    this.store = new SimulatedStore(events);
    this.processes = Array.from({ length: PROCESSES }, () => this.start());
  }

  book(at: number, eventId: string, wish: Wish): void {
    const process = this.processAt(at);
    // The id is given before anything waits, so it is the next one.
    const call = this.note(process, eventId, wish, idOf(this.lastId + 1));
    const { userId, lines, key: idempotencyKey } = wish;
    const more = { reference: undefined, metadata: undefined, ignoreUserLimit: undefined };
    const request = { eventId, userId, lines, idempotencyKey, ...more };
    const booked = process.parts.service.book(request, ANYBODY, () => call.hasDisconnected);
    this.listen(
      call,
      booked.then(({ result, isReplay }) => ({ booking: result, isReplay })),
    );
  }

  /** Cancels what `booked` has made, or may make. */
  cancel(at: number, { eventId, bookingId }: Call): void {
    const process = this.processAt(at);
    const call = this.note(process, eventId, undefined, bookingId);
    const { reads, service } = process.parts;
    const found = reads.get(bookingId, ANYBODY);
    const cancelled = found.then((booking) => service.cancel(booking, () => call.hasDisconnected));
    this.listen(
      call,
      cancelled.then((booking) => ({ booking, isReplay: false })),
    );
  }

  /** Somebody changes an event's status in the database, past all servers. */
  pauseOrResume(eventId: string): void {
    const event = this.store.latest.events.get(eventId)!;
    this.store.edit({ ...event, status: event.status === 'paused' ? 'on_sale' : 'paused' });
  }

  /** The process stops for ever; what it has sent is still on its way, and its transactions are open. Another takes its place. */
  crash(at: number): void {
    this.processAt(at).isAlive = false;
    this.processes[at % PROCESSES] = this.start();
  }

  async pass(at: number, milliseconds: number): Promise<void> {
    await this.processAt(at).clock.advance(milliseconds);
  }

  async deliver(index: number, fate: Fate): Promise<void> {
    if (this.network.pending === 0) return;
    this.network.deliver(index, fate);
    await settle();
  }

  /** Delivers all that is sent, but leaves the first `held` messages where they are. */
  async deliverAll(held = 0): Promise<void> {
    while (this.network.pending > held) await this.deliver(held, DELIVERED);
  }

  async deliverUntil(isEnough: () => boolean): Promise<void> {
    while (this.network.pending > 0 && !isEnough()) await this.deliver(0, DELIVERED);
  }

  /** Delivers all that goes before the next commit. */
  deliverUntilCommit(): Promise<void> {
    return this.deliverUntil(() => this.network.isCommitNext);
  }

  /** Lets everything end. */
  async finish(): Promise<void> {
    const isBusy = () => this.network.pending > 0 || this.processes.some(({ clock }) => clock.pendingTimers > 0);
    for (let round = 0; round < 200 && isBusy(); round++) {
      if (round % 20 === 19) this.store.abortAll();
      await this.deliverAll();
      for (const at of this.processes.keys()) await this.pass(at, 50);
    }
  }

  private processAt(at: number): SimulatedProcess {
    return this.processes[at % PROCESSES]!;
  }

  private start(): SimulatedProcess {
    return new SimulatedProcess(this.store, this.network, () => idOf(++this.lastId), this.plant);
  }

  private note(process: SimulatedProcess, eventId: string, wish: Wish | undefined, bookingId: string): Call {
    const asked = { asked: this.store.now, askedMs: process.clock.monotonic(), hasDisconnected: false };
    const answered = { answer: undefined, answered: Infinity, answeredMs: Infinity };
    const call: Call = { process, eventId, wish, bookingId, ...asked, ...answered };
    this.calls.push(call);
    return call;
  }

  private listen(call: Call, result: Promise<Booked>): void {
    const tell = (answer: Answer) => {
      Object.assign(call, { answer, answered: this.store.now, answeredMs: call.process.clock.monotonic() });
    };
    result.then(
      ({ booking, isReplay }) => tell({ kind: 'booking', booking, isReplay }),
      (error: unknown) => {
        if (error instanceof Problem) tell({ kind: 'problem', code: error.code });
        else tell({ kind: 'error', message: (error as Error).message });
      },
    );
  }
}
