import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { fingerprintOf } from '../common/idempotency.js';
import { invalidInput } from '../common/problem.js';
import { RELEASES } from '../common/releases.js';
import { Upgrade } from '../platform/database/index.js';
import { type Booking, type Line, quantityOf, sumByPool } from './booking.js';
import type { BookCommand } from './decide/book.js';
import type { AboutBooking } from './decide/about-booking.js';
import type { CancelCommand } from './decide/cancel.js';
import type { TransferCommand } from './decide/transfer.js';
import { BOOKINGS_CONFIG, type BookingsConfig } from './bookings.config.js';
import { idempotencyKeyRequired } from './bookings.problems.js';
import { BookingsRepository } from './store/bookings.repository.js';

/** What a caller asks for, with the lines as they were sent. */
export interface BookingRequest {
  readonly eventId: string;
  readonly userId: string;
  readonly lines: readonly Line[];
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly idempotencyKey: string | undefined;
  /** Undefined for no, so that a request without it has the fingerprint that it always had. */
  readonly ignoreUserLimit: true | undefined;
}

/** What a caller wants to give back of a booking. */
export interface CancelRequest {
  /** Undefined for all that is left. */
  readonly lines: readonly Line[] | undefined;
  readonly reason: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** Turns requests into commands: gives each an id and a time, and sums the lines for each pool. */
@Injectable()
export class BookingCommands {
  constructor(
    private readonly bookings: BookingsRepository,
    private readonly clock: Clock,
    private readonly upgrade: Upgrade,
    @Inject(BOOKINGS_CONFIG) private readonly config: BookingsConfig,
  ) {}

  /** Throws `validation_failed` for more tickets than one booking may have. */
  book(request: BookingRequest, soldBy: string | undefined): BookCommand {
    const { lines, idempotencyKey, ignoreUserLimit, ...rest } = request;
    return {
      kind: 'book',
      bookingId: this.bookings.nextId(),
      ...rest,
      lines: toWanted(lines, this.config),
      idempotency:
        idempotencyKey === undefined ? undefined : { key: idempotencyKey, fingerprint: fingerprintOf(request) },
      ignoreUserLimit: ignoreUserLimit === true,
      soldBy,
      at: this.clock.now().getTime(),
    };
  }

  /** Throws `idempotency_key_required` for a part without a key, and `upgrade_in_progress` for a part. */
  cancel(booking: Booking, request: CancelRequest, by: string | undefined): CancelCommand {
    const { lines, reason, idempotencyKey: key } = request;
    if (lines) {
      if (key === undefined) throw idempotencyKeyRequired();
      this.upgrade.assertDone(RELEASES.holds);
    }
    const idempotency = key === undefined ? undefined : { key, fingerprint: fingerprintOf(request) };
    return { kind: 'cancel', ...this.about(booking, by), lines, reason, idempotency };
  }

  /** Throws `upgrade_in_progress`. */
  transfer(booking: Booking, to: string, by: string | undefined): TransferCommand {
    this.upgrade.assertDone(RELEASES.holds);
    return { kind: 'transfer', ...this.about(booking, by), to };
  }

  private about({ id, eventId, userId }: Booking, by: string | undefined): Omit<AboutBooking, 'kind'> {
    return { eventId, bookingId: id, userId, changeId: this.bookings.nextId(), by, at: this.clock.now().getTime() };
  }
}

/** The lines, one for each pool. Throws `validation_failed` for more tickets than one booking may have. */
export function toWanted(lines: readonly Line[], { maxTicketsPerBooking: most }: BookingsConfig): Line[] {
  if (quantityOf(lines) <= most) return sumByPool(lines);
  throw invalidInput([{ pointer: '#/quantity', message: `a booking has at most ${most} tickets` }]);
}
