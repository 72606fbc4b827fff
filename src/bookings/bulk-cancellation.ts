import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import type { HasDisconnected } from '../common/trace.js';
import { TicketInventoryRepository } from '../events/index.js';
import type { Caller } from '../platform/auth/index.js';
import { outcomeUnknown } from '../platform/database/index.js';
import { BookingsService } from './bookings.service.js';
import { endEarly } from './end-early.js';
import type { CancelBookingsCommand, CancelledBookings } from './decide/cancel-bookings.js';
import { BookingsRepository, type ConfirmedBooking } from './store/bookings.repository.js';

/** Bookings of other events wait for such a transaction: 50 ms for 100, and 120 ms for 200. */
const BATCH_MAX = 100;
/** A call begins no transaction after so many milliseconds. */
const RUN_MS = 2_000;

/** What one call has done, and what is left for the next one. */
export interface BulkCancelled {
  /** How many bookings this call has cancelled. */
  readonly cancelled: number;
  /** How many confirmed bookings the event still has. */
  readonly remaining: number;
}

/** Cancels all bookings of an event, a bounded number in each transaction. */
@Injectable()
export class BulkCancellation {
  constructor(
    private readonly engine: BookingsService,
    private readonly bookings: BookingsRepository,
    private readonly inventory: TicketInventoryRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Cancels confirmed bookings of the event, oldest first, until none is left or the time is over. Another call goes on.
   * Throws `event_not_found`, and as `BookingsService.submit` does where nothing was cancelled. Where something was and the rest
   * is not known, throws `outcome_unknown`.
   */
  async run(
    eventId: string,
    reason: string | undefined,
    caller: Caller,
    hasDisconnected: HasDisconnected,
  ): Promise<BulkCancelled> {
    const { id } = await this.inventory.getCommitted(eventId);
    const until = this.clock.monotonic() + RUN_MS;
    let cancelled = 0;
    try {
      let found = await this.bookings.findConfirmed(id, undefined, BATCH_MAX);
      while (found.length > 0) {
        const command = this.toCommand(id, found, reason, caller);
        cancelled += (await this.engine.submit<CancelledBookings>(command, hasDisconnected)).result.bookings;
        if (this.clock.monotonic() >= until || hasDisconnected()) break;
        // Not from the start again: that would pass all that are cancelled by now.
        found = await this.bookings.findConfirmed(id, found.at(-1), BATCH_MAX);
      }
    } catch (error) {
      endEarly(error, cancelled);
    }
    return { cancelled, remaining: await this.countLeft(id, cancelled) };
  }

  private toCommand(
    eventId: string,
    bookings: readonly ConfirmedBooking[],
    reason: string | undefined,
    { key }: Caller,
  ): CancelBookingsCommand {
    return {
      kind: 'cancelBookings',
      eventId,
      bookings: bookings.map(({ id, userId }) => ({ bookingId: id, userId, changeId: this.bookings.nextId() })),
      reason,
      by: key?.name,
      at: this.clock.now().getTime(),
    };
  }

  private async countLeft(eventId: string, cancelled: number): Promise<number> {
    try {
      return await this.bookings.countConfirmed(eventId);
    } catch (error) {
      throw cancelled === 0 ? error : outcomeUnknown();
    }
  }
}
