import { IsIn } from 'class-validator';
import { PageQuery } from '../../common/http/page.query.js';
import { IfPresent } from '../../common/http/validators.js';

export class ListEventsQuery extends PageQuery {
  /** `true`: only events on sale that have tickets left, or whose holds are overdue: their tickets are about to be available. */
  @IfPresent()
  @IsIn(['true', 'false'])
  available?: 'true' | 'false';
}
