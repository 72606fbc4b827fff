import { Injectable } from '@nestjs/common';
import { BookingsService, overloaded } from '../bookings/index.js';
import { Clock } from '../common/clock.js';
import { withTimeout } from '../common/concurrency/with-timeout.js';
import { DueTickets } from '../events/index.js';

const READ_WAITS_MS = 1_000;
/** Lists start no more while so many events are under way: buyers need the lane. The pulse ends the rest. */
const UNDER_WAY_MAX = 50;

/** Ends holds at events where nobody buys: a plan does it by itself. */
@Injectable()
export class HoldExpiry extends DueTickets {
  /** What is under way, by event: everybody waits for the same. */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly engine: BookingsService,
    private readonly clock: Clock,
  ) {
    super();
  }

  async settle(eventId: string): Promise<void> {
    const settled = this.settleFully(eventId).catch(() => undefined);
    await withTimeout(this.clock, READ_WAITS_MS, settled, overloaded).catch(() => undefined);
  }

  start(eventIds: readonly string[]): void {
    for (const eventId of eventIds) {
      if (this.underWay.size >= UNDER_WAY_MAX) return;
      this.settleFully(eventId).catch(() => undefined);
    }
  }

  /** Returns when no hold of the event is due. Throws as `BookingsService.submit` does. */
  settleFully(eventId: string): Promise<void> {
    const known = this.underWay.get(eventId);
    if (known) return known;
    const settled = this.engine
      .submit({ kind: 'settleHolds', eventId }, () => false)
      .then(() => undefined)
      .finally(() => this.underWay.delete(eventId));
    this.underWay.set(eventId, settled);
    return settled;
  }
}
