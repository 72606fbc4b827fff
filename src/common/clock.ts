/** A moment of the wall clock as plain data: milliseconds since 1970, UTC. */
export type Instant = number;

/** Where time comes from, so that a test can hold it. */
export abstract class Clock {
  /** The wall clock, for what is stored and shown. */
  abstract now(): Date;
  /** Milliseconds that never run backwards, for deadlines. */
  abstract monotonic(): number;
  /** Calls `then` once after `milliseconds`; the function returned takes it back. */
  abstract after(milliseconds: number, then: () => void): () => void;

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }
}

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }

  monotonic(): number {
    return performance.now();
  }

  after(milliseconds: number, then: () => void): () => void {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  }
}
