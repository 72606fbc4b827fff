import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { fingerprintOf } from '../common/idempotency.js';
import { invalidInput } from '../common/problem.js';
import { type Booking, type Line, sumByPool } from './booking.js';
import type { BookCommand } from './decide/book.js';
import type { CancelCommand } from './decide/cancel.js';
import { BOOKINGS_CONFIG, type BookingsConfig } from './bookings.config.js';
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

/** Turns requests into commands: gives each an id and a time, and sums the lines for each pool. */
@Injectable()
export class BookingCommands {
  constructor(
    private readonly bookings: BookingsRepository,
    private readonly clock: Clock,
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

  cancel({ id, eventId, userId }: Booking): CancelCommand {
    return { kind: 'cancel', bookingId: id, eventId, userId, at: this.clock.now().getTime() };
  }
}

/** The lines, one for each pool. Throws `validation_failed` for more tickets than one booking may have. */
export function toWanted(lines: readonly Line[], { maxTicketsPerBooking: most }: BookingsConfig): Line[] {
  const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
  if (quantity <= most) return sumByPool(lines);
  throw invalidInput([{ pointer: '#/quantity', message: `a booking has at most ${most} tickets` }]);
}
