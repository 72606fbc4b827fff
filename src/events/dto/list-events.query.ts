import { IsIn } from 'class-validator';
import { PageQuery } from '../../common/http/page.query.js';
import { IfPresent } from '../../common/http/validators.js';

export class ListEventsQuery extends PageQuery {
  /** `true`: only events that are on sale and have tickets left. */
  @IfPresent()
  @IsIn(['true', 'false'])
  available?: 'true' | 'false';
}
