import type { Clock } from '../clock.js';

/** Work that is done again and again, with a pause before each time, until it is stopped. */
export class Repeated {
  private takeBack: () => void = () => undefined;
  private isStopped = false;

  /** `work` does not throw. `pauseMs` is told how many milliseconds it took the last time. */
  constructor(
    private readonly clock: Clock,
    private readonly pauseMs: (tookMs: number) => number,
    private readonly work: () => Promise<void>,
  ) {}

  /** Begins with a pause. Does nothing if it was stopped before. */
  start(): void {
    this.rest(0);
  }

  /** What is under way goes on to its end, and is the last. */
  stop(): void {
    this.isStopped = true;
    this.takeBack();
  }

  private rest(tookMs: number): void {
    if (!this.isStopped) this.takeBack = this.clock.after(this.pauseMs(tookMs), () => void this.run());
  }

  private async run(): Promise<void> {
    const startedAt = this.clock.monotonic();
    await this.work();
    this.rest(this.clock.monotonic() - startedAt);
  }
}
