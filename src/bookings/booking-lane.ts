import type { Clock } from '../common/clock.js';
import { overloaded } from './bookings.problems.js';

export interface LaneLimits {
  /** How many may wait for one event. */
  readonly maxWaiting: number;
  /** So long it may wait for its turn: what starts any later may end without knowing how. */
  readonly maxWaitMs: number;
  /** From its arrival here, a request is answered within this time. */
  readonly deadlineMs: number;
}

/** Work on one event that ends by `deadline` (of the monotonic clock). */
export type EventWork<Result> = (deadline: number) => Promise<Result>;

interface Waiting {
  start(): void;
}

/**
 * The queue in front of each event: one at a time, first come, first served, since whole transactions that race for
 * one document only abort each other. It is for speed alone: what keeps the books is the transaction behind it.
 */
export class BookingLane {
  /** The events that are busy, with those who wait for them. */
  private readonly queues = new Map<string, Waiting[]>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: LaneLimits,
  ) {}

  /** The result of `work`. Throws `overloaded`, with `work` not started, when the queue is full or the wait too long. */
  async run<Result>(eventId: string, work: EventWork<Result>): Promise<Result> {
    const deadline = this.clock.monotonic() + this.limits.deadlineMs;
    await this.waitForTurn(eventId);
    try {
      return await work(deadline);
    } finally {
      this.next(eventId);
    }
  }

  private waitForTurn(eventId: string): Promise<void> {
    const queue = this.queues.get(eventId);
    if (!queue) {
      this.queues.set(eventId, []);
      return Promise.resolve();
    }
    if (queue.length >= this.limits.maxWaiting) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      const takeBack = this.clock.after(this.limits.maxWaitMs, () => {
        queue.splice(queue.indexOf(waiting), 1);
        reject(overloaded());
      });
      const waiting: Waiting = {
        start: () => {
          takeBack();
          resolve();
        },
      };
      queue.push(waiting);
    });
  }

  private next(eventId: string): void {
    const waiting = this.queues.get(eventId)?.shift();
    if (waiting) waiting.start();
    else this.queues.delete(eventId);
  }
}
