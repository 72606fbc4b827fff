import { ApiProperty } from '@nestjs/swagger';
import { BookingView, REQUEST_STATUSES, type RequestStatus, toBookingView } from '../../bookings/index.js';
import type { Instant } from '../../common/clock.js';
import { ProblemDetailView } from '../../common/http/problem.view.js';
import { HoldView, toHoldView } from '../../holds/index.js';
import type { SeenRequest } from '../request-reads.js';

/** Why a request was refused: what would have been its answer. */
export class RefusalView {
  /** @example 409 */
  status!: number;
  /** @example "sold_out" */
  code!: string;
  /** @example "Sold out" */
  title!: string;
  /** @example "No tickets available" */
  message!: string;
  /** What is particular about this one. */
  detail!: string;
  errors?: ProblemDetailView[];
}

export class RequestView {
  /**
   * The booking, or the hold, has it too.
   * @example "67852b3c4d5e6f7081929394"
   */
  _id!: string;
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
  /** @example "user123" */
  userId!: string;
  /** A failed request could not be carried out, and nothing was booked; the operator may try it again. */
  @ApiProperty({ enum: REQUEST_STATUSES, example: 'done' })
  status!: RequestStatus;
  /**
   * 1 for the request that is decided next, 0 for one that is decided.
   * @example 0
   */
  position!: number;
  /** @example "2026-01-13T10:30:00.000Z" */
  requestedAt!: Date;
  endedAt?: Date;
  /** The booking that was made, as it is now. */
  booking?: BookingView;
  /** The hold that was made, as it is now. */
  hold?: HoldView;
  problem?: RefusalView;
}

export class RequestResponse {
  /** @example true */
  success!: boolean;
  request!: RequestView;
}

export function toRequestView({ request, position, booking, hold }: SeenRequest, now: Instant): RequestView {
  const { endedAt, problem } = request;
  return {
    _id: request.id,
    eventId: request.eventId,
    userId: request.userId,
    status: request.status,
    position,
    requestedAt: new Date(request.requestedAt),
    ...(endedAt !== undefined && { endedAt: new Date(endedAt) }),
    ...(booking && { booking: toBookingView(booking) }),
    ...(hold && { hold: toHoldView(hold, now) }),
    ...(problem && {
      problem: {
        status: problem.status,
        code: problem.code,
        title: problem.title,
        message: problem.message,
        detail: problem.detail ?? problem.message,
        ...(problem.errors && { errors: [...problem.errors] }),
      },
    }),
  };
}
