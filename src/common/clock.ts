/** A moment of the wall clock as plain data: milliseconds since 1970, UTC. */
export type Instant = number;

/** Where time comes from, so that a test can hold it. */
export abstract class Clock {
  /** The time of day, for what is stored, shown and compared: that of the database, as soon as it is known. */
  abstract now(): Date;
  /** Milliseconds that never run backwards, for deadlines. */
  abstract monotonic(): number;
  /** Calls `then` once after `milliseconds`; the function returned takes it back. */
  abstract after(milliseconds: number, then: () => void): () => void;
  /** From now on `now` follows another clock, which showed `instant` when `monotonic` was `at`. */
  abstract follow(instant: Instant, at: number): void;

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }
}

export class SystemClock extends Clock {
  /** What the clock that is followed showed when `monotonic` was 0. */
  private origin: Instant | undefined;

  now(): Date {
    return this.origin === undefined ? new Date() : new Date(this.origin + this.monotonic());
  }

  monotonic(): number {
    return performance.now();
  }

  after(milliseconds: number, then: () => void): () => void {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  }

  follow(instant: Instant, at: number): void {
    this.origin = instant - at;
  }
}
