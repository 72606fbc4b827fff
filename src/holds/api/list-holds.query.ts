import { IsIn } from 'class-validator';
import { PageQuery } from '../../common/http/page.query.js';
import { IfPresent, IsId, IsText } from '../../common/http/validators.js';
import { invalidInput } from '../../common/problem.js';
import type { HoldFilter } from '../store/holds.repository.js';

export class ListHoldsQuery extends PageQuery {
  /** Only holds of this event. */
  @IfPresent()
  @IsId()
  eventId?: string;

  /** Only holds of this user. */
  @IfPresent()
  @IsText(128)
  userId?: string;

  /** Only holds with a payment that has to be given back. */
  @IfPresent()
  @IsIn(['refund_due'], { message: 'settlement must be refund_due' })
  settlement?: 'refund_due';
}

/** Throws `validation_failed` for more than one condition. */
export function toHoldFilter({ eventId, userId, settlement }: ListHoldsQuery): HoldFilter {
  if ([eventId, userId, settlement].filter((each) => each !== undefined).length > 1) {
    throw invalidInput([{ pointer: '#/query', message: 'send only one of eventId, userId and settlement' }]);
  }
  return { eventId: eventId?.toLowerCase(), userId, onlyRefundDue: settlement !== undefined };
}
