import type { Event } from '../../../src/events/event.js';
import { Problem } from '../../../src/common/problem.js';
import { ANYBODY } from '../../../src/platform/auth/index.js';
import { idOf } from '../../support/factories.js';
import { type FakeClock, settle, START } from '../../support/fake-clock.js';
import type { Answer, Call, Granted, Request } from './calls.js';
import type { Part, Wish } from './model.js';
import { DELIVERED, type Fate, Network } from './network.js';
import { type Parts, SimulatedProcess } from './simulated-process.js';
import { SimulatedStore } from './simulated-store.js';

/** What a call is about. */
type Booked = Pick<Call, 'eventId' | 'bookingId'>;

const PROCESSES = 2;
/** More than a hold has at first. */
export const EXTENSION_SECONDS = 3;

/** Several processes on one store, and all that was asked of them. */
export class World {
  readonly store: SimulatedStore;
  readonly calls: Call[] = [];
  readonly processes: SimulatedProcess[];
  private readonly network = new Network();
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

  book(at: number, eventId: string, wish: Wish): void {
    const process = this.processAt(at);
    // The id is given before anything waits, so it is the next one.
    const call = this.note(process, { does: 'book', eventId, bookingId: this.nextId, wish });
    const { userId, lines, key: idempotencyKey } = wish;
    const more = { reference: undefined, metadata: undefined, ignoreUserLimit: undefined };
    const request = { eventId, userId, lines, idempotencyKey, ...more };
    const booked = process.parts.service.book(request, ANYBODY, () => call.hasDisconnected);
    this.listen(
      call,
      booked.then(({ result, isReplay }) => ({ made: result, isReplay })),
    );
  }

  hold(at: number, eventId: string, wish: Wish): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'hold', eventId, bookingId: this.nextId, wish });
    const { userId, lines, key: idempotencyKey } = wish;
    const request = { eventId, userId, lines, idempotencyKey, ttlSeconds: undefined };
    const more = { reference: undefined, metadata: undefined };
    const held = process.parts.holdsService.create(
      { ...request, ...more },
      ANYBODY,
      this.now,
      () => call.hasDisconnected,
    );
    this.listen(
      call,
      held.then(({ result, isReplay }) => ({ made: result, isReplay })),
    );
  }

  /** Buys what was held, or may be. A payment is one of the event. */
  confirm(at: number, { eventId, bookingId }: Booked, paymentReference?: string): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'confirm', eventId, bookingId, payment: paymentReference });
    const { holdReads, holdsService } = process.parts;
    const nothing = { lines: undefined, reference: undefined, metadata: undefined };
    const request = { ...nothing, paymentReference, idempotencyKey: undefined };
    const arrivedAt = process.clock.now().getTime();
    const confirmed = holdReads
      .get(bookingId, ANYBODY)
      .then((hold) => holdsService.confirm(hold, request, ANYBODY, arrivedAt, () => call.hasDisconnected));
    this.listen(
      call,
      confirmed.then(({ result }) => ({ made: result.booking, isReplay: false })),
    );
  }

  release(at: number, { eventId, bookingId }: Booked): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'release', eventId, bookingId });
    const { holdReads, holdsService } = process.parts;
    const arrivedAt = process.clock.now().getTime();
    const released = holdReads
      .get(bookingId, ANYBODY)
      .then((hold) => holdsService.release(hold, arrivedAt, () => call.hasDisconnected));
    this.listen(
      call,
      released.then((made) => ({ made, isReplay: false })),
    );
  }

  /** Keeps what is held for EXTENSION_SECONDS from now. */
  extend(at: number, { eventId, bookingId }: Booked): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'extend', eventId, bookingId });
    const { holdReads, holdsService } = process.parts;
    const arrivedAt = process.clock.now().getTime();
    const extended = holdReads
      .get(bookingId, ANYBODY)
      .then((hold) => holdsService.extend(hold, EXTENSION_SECONDS, arrivedAt, () => call.hasDisconnected));
    this.listen(
      call,
      extended.then((made) => ({ made, isReplay: false })),
    );
  }

  /** Cancels what `booked` has made, or may make: a part, or all that is left. */
  cancel(at: number, { eventId, bookingId }: Booked, part?: Part): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'cancel', eventId, bookingId, part });
    const { reads, service } = process.parts;
    const request = { lines: part?.lines, reason: undefined, idempotencyKey: part?.key };
    const cancelled = reads.get(bookingId, ANYBODY).then((booking) => {
      call.changeId = this.nextId;
      return service.cancel(booking, request, ANYBODY, () => call.hasDisconnected);
    });
    this.listen(
      call,
      cancelled.then(({ result, isReplay }) => ({ made: result.booking, isReplay })),
    );
  }

  /** Gives what is left of it to somebody. */
  transfer(at: number, { eventId, bookingId }: Booked, to: string): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'transfer', eventId, bookingId, to });
    const { reads, service } = process.parts;
    const transferred = reads.get(bookingId, ANYBODY).then((booking) => {
      call.changeId = this.nextId;
      return service.transfer(booking, to, ANYBODY, () => call.hasDisconnected);
    });
    this.listen(
      call,
      transferred.then((made) => ({ made, isReplay: false })),
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
    const nextId = () => idOf(++this.lastId);
    const process = new SimulatedProcess(this.store, this.network, nextId, () => this.now, this.plant);
    this.clocks.push(process.clock);
    return process;
  }

  /** The id that is given next. */
  private get nextId(): string {
    return idOf(this.lastId + 1);
  }

  private note(process: SimulatedProcess, request: Request): Call {
    const asked = { asked: this.store.now, askedMs: process.clock.monotonic(), askedAt: this.now };
    const answered = { answer: undefined, answered: Infinity, answeredMs: Infinity, answeredAt: Infinity };
    const call: Call = { process, ...request, changeId: undefined, hasDisconnected: false, ...asked, ...answered };
    this.calls.push(call);
    return call;
  }

  private listen(call: Call, result: Promise<Granted>): void {
    const tell = (answer: Answer) => {
      const answeredMs = call.process.clock.monotonic();
      Object.assign(call, { answer, answered: this.store.now, answeredMs, answeredAt: this.now });
    };
    result.then(
      (granted) => tell({ kind: 'granted', ...granted }),
      (error: unknown) => {
        if (error instanceof Problem) tell({ kind: 'problem', code: error.code });
        else tell({ kind: 'error', message: (error as Error).message });
      },
    );
  }
}
