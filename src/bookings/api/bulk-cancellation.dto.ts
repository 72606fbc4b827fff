import { PickType } from '@nestjs/swagger';
import { CancelDto } from './change-booking.dto.js';

export class CancelBookingsDto extends PickType(CancelDto, ['reason']) {}

export const CANCEL_BOOKINGS_BODY = {
  type: CancelBookingsDto,
  required: false,
  examples: {
    reason: { summary: 'For the history of each booking', value: { reason: 'The concert is cancelled' } },
    none: { summary: 'Without a reason', value: {} },
  },
};

export class CancelledBookingsResponse {
  /** @example true */
  success!: boolean;
  /**
   * How many bookings this call has cancelled.
   * @example 120
   */
  cancelled!: number;
  /**
   * How many confirmed bookings the event still has.
   * @example 0
   */
  remaining!: number;
}
