import { Clock } from '../../src/common/clock.js';

interface Timer {
  readonly dueAt: number;
  readonly then: () => void;
}

export const START = Date.parse('2026-01-13T10:30:00.000Z');

/** Time that passes only when a test says so. */
export class FakeClock extends Clock {
  private elapsedMs = 0;
  private readonly timers = new Set<Timer>();

  now(): Date {
    return new Date(START + this.elapsedMs);
  }

  monotonic(): number {
    return this.elapsedMs;
  }

  after(milliseconds: number, then: () => void): () => void {
    const timer = { dueAt: this.elapsedMs + milliseconds, then };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** It follows nobody. */
  follow(): void {}

  /** How many timers nobody has taken back. */
  get pendingTimers(): number {
    return this.timers.size;
  }

  /** Lets time pass, calls what falls due meanwhile in its order, and lets the promises settle after each. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.elapsedMs + milliseconds;
    for (let timer = this.nextDue(until); timer; timer = this.nextDue(until)) {
      this.timers.delete(timer);
      this.elapsedMs = timer.dueAt;
      timer.then();
      await settle();
    }
    this.elapsedMs = until;
    await settle();
  }

  private nextDue(until: number): Timer | undefined {
    return [...this.timers].filter(({ dueAt }) => dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)[0];
  }
}

/** Lets everything that waits for promises alone go on. */
export function settle(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
