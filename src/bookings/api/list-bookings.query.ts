import { PageQuery } from '../../common/http/page.query.js';
import { IfPresent, IsId, IsText } from '../../common/http/validators.js';

export class ListBookingsQuery extends PageQuery {
  /** Only bookings of this event. */
  @IfPresent()
  @IsId()
  eventId?: string;

  /** Only bookings of this user. */
  @IfPresent()
  @IsText(128)
  userId?: string;
}
