import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Repeated } from '../common/concurrency/repeated.js';
import { TicketInventoryRepository } from '../events/index.js';
import { Lease } from '../platform/database/index.js';
import { LOG, type Log } from '../platform/logging/index.js';
import { HoldExpiry } from './hold-expiry.js';
import { HoldsMetrics } from './holds.metrics.js';
import { HoldsRepository } from './store/holds.repository.js';

const EVERY_MS = 1_000;
const LEASE_MS = 5_000;
const EVENTS_AT_A_TIME = 50;
const EVER = 0;

/** Ends holds at events that nobody asks about, on one server at a time. Nothing waits for it. */
@Injectable()
export class HoldPulse implements OnApplicationShutdown {
  private readonly beats: Repeated;
  /** Where it goes on, so that an event at which something fails is not always the first. */
  private after = EVER;

  constructor(
    private readonly holds: HoldsRepository,
    private readonly expiry: HoldExpiry,
    private readonly inventory: TicketInventoryRepository,
    private readonly lease: Lease,
    private readonly metrics: HoldsMetrics,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.beats = new Repeated(
      clock,
      () => EVERY_MS,
      () => this.beat(),
    );
  }

  start(): void {
    this.beats.start();
  }

  onApplicationShutdown(): void {
    this.beats.stop();
  }

  /** Ends what is due at the next events. Returns their ids; none on a server that has not the lease. */
  async settleSome(): Promise<readonly string[]> {
    if (!(await this.lease.take('hold-pulse', LEASE_MS))) {
      // Another server knows now.
      this.metrics.show({ oldestOverdueMs: 0, refundsDue: 0 });
      return [];
    }
    const now = this.clock.now().getTime();
    const due = await this.inventory.findDue(this.after, now, EVENTS_AT_A_TIME);
    const [oldest] = this.after === EVER ? due : await this.inventory.findDue(EVER, now, 1);
    const eventIds = due.map(({ eventId }) => eventId);
    for (const eventId of eventIds) {
      await this.expiry
        .settleFully(eventId)
        .catch((err: unknown) => this.log.warn({ err, eventId }, 'holds of an event can not be ended'));
    }
    this.after = due.at(-1)?.at ?? EVER;
    const refundsDue = await this.holds.countRefundsDue();
    this.metrics.show({ oldestOverdueMs: oldest ? now - oldest.at : 0, refundsDue });
    return eventIds;
  }

  private async beat(): Promise<void> {
    await this.settleSome().catch((err: unknown) => this.log.warn({ err }, 'ending holds was interrupted'));
  }
}
