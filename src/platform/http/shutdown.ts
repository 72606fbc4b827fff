import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { jitteredRetryAfterSeconds, Problem } from '../../common/problem.js';
import { LOG, type Log } from '../logging/index.js';

export const SHUTDOWN_TIMES = Symbol('SHUTDOWN_TIMES');

export interface ShutdownTimes {
  /** How long requests are still served, so that load balancers notice that the server is not ready. */
  readonly delayMs: number;
  /** How long requests in flight may take after that, before they are cut off. */
  readonly drainMs: number;
}

/** Knows that the server is going away, from the signal on, and keeps it serving for a while. */
@Injectable()
export class Shutdown implements BeforeApplicationShutdown {
  private hasBegun = false;
  private readonly endings: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    @Inject(SHUTDOWN_TIMES) readonly times: ShutdownTimes,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Throws the 503 `shutting_down` once the server is going away. */
  assertNotBegun(): void {
    if (this.hasBegun) throw shuttingDown();
  }

  /** Calls `end` when the server begins to drain: it ends at once what would never end by itself. */
  beforeDrain(end: () => void): void {
    this.endings.push(end);
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.hasBegun = true;
    const { delayMs } = this.times;
    this.log.info({ signal, delayMs }, 'shutting down');
    if (delayMs > 0) await this.clock.sleep(delayMs);
    for (const end of this.endings) end();
  }
}

/** The server still answers, and should be sent nothing new. */
export function shuttingDown(): Problem {
  return new Problem({
    status: 503,
    code: 'shutting_down',
    title: 'Shutting down',
    message: 'This server is shutting down',
    detail: 'Requests in flight are answered; send new ones to another server.',
    retryAfterSeconds: jitteredRetryAfterSeconds(),
  });
}
