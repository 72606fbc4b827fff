import { ApiProperty, OmitType } from '@nestjs/swagger';
import { IsIn, Matches } from 'class-validator';
import { PageQuery } from '../../common/http/page.query.js';
import { IfPresent, IsInstant, IsName, toInstant } from '../../common/http/validators.js';
import { EVENT_STATUSES, type EventStatus } from '../event.js';
import { EVENT_SORTS, type EventFilter, type EventSort } from '../event-list.js';
import { NAME_LENGTH_MAX } from './create-event.dto.js';

/**
 * Each parameter is decorated by ApiProperty, so that the contract has them in this order: generated clients take them by
 * their positions, and new ones come last.
 */
export class ListEventsQuery extends OmitType(PageQuery, ['cursor']) {
  /** `true`: only events on sale that have tickets left, or whose holds are overdue: their tickets are about to be available. */
  @IfPresent()
  @IsIn(['true', 'false'])
  @ApiProperty()
  available?: 'true' | 'false';

  /** The `nextCursor` of the page before, of the same filters and `sort`. */
  @IfPresent()
  @Matches(/^[A-Za-z0-9_-]{1,4096}$/, { message: 'cursor must be a nextCursor of this very list' })
  @ApiProperty()
  cursor?: string;

  /** Only events whose name contains this text, in any case. */
  @IfPresent()
  @IsName(NAME_LENGTH_MAX)
  name?: string;

  /** Only events in this state. */
  @IfPresent()
  @IsIn(EVENT_STATUSES)
  @ApiProperty()
  status?: EventStatus;

  /** Only events that take place at this time or later. */
  @IfPresent()
  @IsInstant()
  startsFrom?: string;

  /** Only events that take place before this time. */
  @IfPresent()
  @IsInstant()
  startsTo?: string;

  /**
   * `newest` (the default): the newest first. `startsAt`: those without a date first, then the soonest first. `name`: from A to
   * Z, in any case. Of equals, the oldest id comes first; with `newest`, the newest.
   */
  @IfPresent()
  @IsIn(EVENT_SORTS)
  @ApiProperty()
  sort?: EventSort;
}

export function filterOf({ available, name, status, startsFrom, startsTo }: ListEventsQuery): EventFilter {
  return {
    onlyAvailable: available === 'true',
    ...{ name, status },
    startsFrom: toInstant(startsFrom),
    startsTo: toInstant(startsTo),
  };
}
