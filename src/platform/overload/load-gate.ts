import type { Clock } from '../../common/clock.js';

export interface LoadLimits {
  /** How many requests may be under way. */
  readonly maxInFlight: number;
  /** How late the event loop may be for `sustainedMs` on end; then nobody is let in until it is not. */
  readonly maxDelayMs: number;
  readonly sustainedMs: number;
}

export type Refusal = 'in_flight' | 'delay';

const SAMPLE_MS = 20;

/**
 * Says whether the process can take another request, by how many it has, and by how late its event loop is: the time that
 * everybody waits before anything is done for him. One long turn is a burst, and no overload.
 */
export class LoadGate {
  private entered = 0;
  private takeBack: () => void = () => undefined;
  /** Since when every sample was too late. */
  private lateSince: number | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly limits: LoadLimits,
  ) {
    this.sampleLater();
  }

  /** Looks at the event loop no longer. */
  stop(): void {
    this.takeBack();
  }

  /** How many are in. */
  get inFlight(): number {
    return this.entered;
  }

  /** Lets a request in, which `leave` takes out again, or says why not. */
  enter(): Refusal | undefined {
    if (this.entered >= this.limits.maxInFlight) return 'in_flight';
    if (this.isLate()) return 'delay';
    this.entered += 1;
    return undefined;
  }

  leave(): void {
    this.entered -= 1;
  }

  private isLate(): boolean {
    return this.lateSince !== undefined && this.clock.monotonic() - this.lateSince >= this.limits.sustainedMs;
  }

  private sampleLater(): void {
    const dueAt = this.clock.monotonic() + SAMPLE_MS;
    this.takeBack = this.clock.after(SAMPLE_MS, () => {
      const isLate = this.clock.monotonic() - dueAt > this.limits.maxDelayMs;
      this.lateSince = isLate ? (this.lateSince ?? dueAt) : undefined;
      this.sampleLater();
    });
  }
}
