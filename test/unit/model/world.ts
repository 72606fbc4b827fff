import { Problem } from '../../../src/common/problem.js';
import { entryNotFound } from '../../../src/waitlist/waitlist.problems.js';
import { ANYBODY } from '../../../src/platform/auth/index.js';
import type { Answer, Call, Granted, Request } from './calls.js';
import type { Part, Wish } from './model.js';
import type { SimulatedProcess } from './simulated-process.js';
import { Surroundings } from './surroundings.js';
import type { Edit } from './terms.js';

/** What a call is about. */
type Booked = Pick<Call, 'eventId' | 'bookingId'>;

/** More than a hold has at first. */
export const EXTENSION_SECONDS = 3;

/** Several processes on one store, and all that was asked of them. */
export class World extends Surroundings {
  readonly calls: Call[] = [];

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
      released.then(({ result }) => ({ made: result, isReplay: false })),
    );
  }

  /** Waits for the tickets of the wish's first line. */
  join(at: number, eventId: string, wish: Wish): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'join', eventId, bookingId: this.nextId, wish });
    const { userId, lines, key: idempotencyKey } = wish;
    const { sectionId, quantity } = lines[0]!;
    const joined = process.parts.waitlistService.join(
      { eventId, userId, quantity, sectionId, idempotencyKey },
      ANYBODY,
      this.now,
      () => call.hasDisconnected,
    );
    this.listen(
      call,
      joined.then(({ result, isReplay }) => ({ made: result.entry, isReplay })),
    );
  }

  leave(at: number, { eventId, bookingId }: Booked): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'leave', eventId, bookingId });
    const { entries, waitlistService } = process.parts;
    const arrivedAt = process.clock.now().getTime();
    const left = entries.findById(eventId, bookingId).then((entry) => {
      if (!entry) throw entryNotFound(bookingId);
      return waitlistService.leave(entry, arrivedAt, () => call.hasDisconnected);
    });
    this.listen(
      call,
      left.then(({ result }) => ({ made: result, isReplay: false })),
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
      extended.then(({ result }) => ({ made: result, isReplay: false })),
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
      transferred.then(({ result }) => ({ made: result, isReplay: false })),
    );
  }

  /** Edits the event, for an organiser who has seen a version of it. */
  edit(at: number, eventId: string, edit: Edit): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'edit', eventId, bookingId: this.nextId, edit });
    const versions = edit.version === undefined ? undefined : [edit.version];
    const { editsService } = process.parts;
    const edited = editsService.edit(eventId, edit.patch, versions, ANYBODY, () => call.hasDisconnected);
    this.listen(
      call,
      edited.then((made) => ({ made, isReplay: false })),
    );
  }

  delete(at: number, eventId: string): void {
    const process = this.processAt(at);
    const call = this.note(process, { does: 'delete', eventId, bookingId: this.nextId });
    const deleted = process.parts.editsService.delete(eventId, ANYBODY, () => call.hasDisconnected);
    this.listen(
      call,
      deleted.then(() => ({ made: null, isReplay: false })),
    );
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
        if (error instanceof Problem) tell({ kind: 'problem', code: error.code, detail: error.detail });
        else tell({ kind: 'error', message: (error as Error).message });
      },
    );
  }
}
