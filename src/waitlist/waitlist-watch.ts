import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Repeated } from '../common/concurrency/repeated.js';
import { TicketInventoryRepository } from '../events/index.js';
import { Lease } from '../platform/database/index.js';
import { LOG, type Log } from '../platform/logging/index.js';
import { WaitlistMetrics } from './waitlist.metrics.js';

const EVERY_MS = 15_000;
const LEASE_MS = 40_000;

/** Counts who waits, on one server at a time. For metrics alone. */
@Injectable()
export class WaitlistWatch implements OnApplicationShutdown {
  private readonly looks: Repeated;

  constructor(
    private readonly inventory: TicketInventoryRepository,
    private readonly lease: Lease,
    private readonly metrics: WaitlistMetrics,
    clock: Clock,
    @Inject(LOG) log: Log,
  ) {
    this.looks = new Repeated(
      clock,
      () => EVERY_MS,
      () => this.look().catch((err: unknown) => log.warn({ err }, 'counting who waits was interrupted')),
    );
  }

  start(): void {
    this.looks.start();
  }

  onApplicationShutdown(): void {
    this.looks.stop();
  }

  /** Shows how many wait; none on a server that has not the lease. */
  async look(): Promise<void> {
    const isOurs = await this.lease.take('waitlist-watch', LEASE_MS);
    this.metrics.show(isOurs ? await this.inventory.countWaiting() : 0);
  }
}
