import type { Clock } from '../../common/clock.js';

export interface LoadLimits {
  /** How many requests may be under way, and how many of them while the process is overloaded. */
  readonly maxInFlight: number;
  readonly maxInFlightOverloaded: number;
  /** Overloaded is where the event loop is later than this, on the average of `windowMs`; */
  readonly maxDelayMs: number;
  /** or later than this with so many under way, who would make it later still. */
  readonly crowdDelayMs: number;
  readonly crowd: number;
  readonly windowMs: number;
}

export type Refusal = 'in_flight' | 'delay';

const SAMPLE_MS = 20;
/** A single long turn of the event loop is a burst, or another program on this machine: it does not count. */
const MIN_SAMPLES = 5;

/**
 * Says whether the process can take another request, by how many it has, and by how late its event loop is: the time that
 * everybody waits before anything is done for him. A crowd that comes at once is let in, and one that the process can't keep
 * up with is kept small, so that those who are let in are served, and the others hear at once that they are not.
 */
export class LoadGate {
  private entered = 0;
  private isLate = false;
  private takeBack: () => void = () => undefined;
  /** Of this window: how late its samples were, in all; how many were under way, at most; whether anybody was refused. */
  private window = { endsAt: 0, samples: 0, delayMs: 0, mostInFlight: 0, hasRefused: false };

  constructor(
    private readonly clock: Clock,
    private readonly limits: LoadLimits,
  ) {
    this.openWindow();
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

  /** Whether only few requests are let in, because the event loop is late. */
  get isOverloaded(): boolean {
    return this.isLate;
  }

  /** Why no further request can be let in; undefined where it can. */
  refusal(): Refusal | undefined {
    const { maxInFlight, maxInFlightOverloaded } = this.limits;
    if (this.entered < (this.isLate ? maxInFlightOverloaded : maxInFlight)) return undefined;
    this.window.hasRefused = true;
    return this.isLate ? 'delay' : 'in_flight';
  }

  /** Counts a request, until it leaves. */
  enter(): void {
    this.entered += 1;
    this.window.mostInFlight = Math.max(this.window.mostInFlight, this.entered);
  }

  leave(): void {
    this.entered -= 1;
  }

  private sampleLater(): void {
    const dueAt = this.clock.monotonic() + SAMPLE_MS;
    this.takeBack = this.clock.after(SAMPLE_MS, () => {
      const now = this.clock.monotonic();
      this.window.samples += 1;
      this.window.delayMs += now - dueAt;
      if (now >= this.window.endsAt && this.window.samples >= MIN_SAMPLES) this.closeWindow();
      this.sampleLater();
    });
  }

  private closeWindow(): void {
    const { samples, delayMs, mostInFlight, hasRefused } = this.window;
    const { maxDelayMs, crowdDelayMs, crowd } = this.limits;
    const isBehind = delayMs / samples > (mostInFlight >= crowd ? crowdDelayMs : maxDelayMs);
    // Refused callers retry: the overload lasts until a window refuses no request.
    this.isLate = isBehind || hasRefused;
    this.openWindow();
  }

  private openWindow(): void {
    const endsAt = this.clock.monotonic() + this.limits.windowMs;
    this.window = { endsAt, samples: 0, delayMs: 0, mostInFlight: this.entered, hasRefused: false };
  }
}
