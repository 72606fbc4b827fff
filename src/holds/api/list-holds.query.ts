import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { PageQuery } from '../../common/http/page.query.js';
import { IfPresent, IsId, IsText } from '../../common/http/validators.js';
import type { Instant } from '../../common/clock.js';
import { invalidInput } from '../../common/problem.js';
import { HOLD_STATUSES, type HoldStatus } from '../hold-states.js';
import type { HoldFilter } from '../store/hold-lists.js';

export class ListHoldsQuery extends PageQuery {
  /** Only holds of this event. */
  @IfPresent()
  @IsId()
  eventId?: string;

  /** Only holds of this user. */
  @IfPresent()
  @IsText(128)
  userId?: string;

  /** Only holds that are in this state now: a hold whose end has passed is `expired`. Not together with `settlement`. */
  @IfPresent()
  @IsIn(HOLD_STATUSES, { message: `status must be one of ${HOLD_STATUSES.join(', ')}` })
  @ApiProperty({ enum: HOLD_STATUSES })
  status?: HoldStatus;

  /** Only holds with a payment that has to be given back. */
  @IfPresent()
  @IsIn(['refund_due'], { message: 'settlement must be refund_due' })
  settlement?: 'refund_due';
}

/** The holds that are wanted, as they are at `now`. Throws `validation_failed` for a status beside a settlement. */
export function toHoldFilter({ eventId, userId, status, settlement }: ListHoldsQuery, now: Instant): HoldFilter {
  if (status !== undefined && settlement !== undefined) {
    throw invalidInput([{ pointer: '#/status', message: 'send either status or settlement' }]);
  }
  return { eventId: eventId?.toLowerCase(), userId, status, now, onlyRefundDue: settlement !== undefined };
}
