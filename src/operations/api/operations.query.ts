import { IfPresent, IsId } from '../../common/http/validators.js';

export class OperationsQuery {
  /** Only this event, instead of the busiest ones. */
  @IfPresent()
  @IsId()
  eventId?: string;
}
