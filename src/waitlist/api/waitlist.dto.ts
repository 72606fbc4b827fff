import { ApiProperty, PickType } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { BookDto } from '../../bookings/index.js';
import { EXAMPLE_SECTION_IDS } from '../../common/http/api-examples.js';
import { PageQuery } from '../../common/http/page.query.js';
import { IfPresent, IsId, IsText } from '../../common/http/validators.js';
import { ENTRY_STATUSES, type EntryStatus } from '../entry-states.js';
import type { JoinRequest } from '../waitlist.service.js';

export class JoinDto extends PickType(BookDto, ['userId', 'quantity']) {
  /** Required for an event with sections. */
  @IfPresent()
  @IsId()
  sectionId?: string;
}

export const JOIN_BODY = {
  type: JoinDto,
  examples: {
    tickets: { summary: 'Two tickets', value: { userId: 'user456', quantity: 2 } },
    section: {
      summary: 'One ticket of a section',
      value: { userId: 'user456', quantity: 1, sectionId: EXAMPLE_SECTION_IDS[0] },
    },
  },
};

/** The part of a path that names an entry of an event's waitlist. */
export class EntryParams {
  @IsId()
  id!: string;

  @IsId()
  entryId!: string;
}

export class ListEntriesQuery extends PageQuery {
  /** Only entries of this user. */
  @IfPresent()
  @IsText(128)
  userId?: string;

  /** Only entries that are in this state now. */
  @IfPresent()
  @IsIn(ENTRY_STATUSES, { message: `status must be one of ${ENTRY_STATUSES.join(', ')}` })
  @ApiProperty({ enum: ENTRY_STATUSES })
  status?: EntryStatus;
}

export function toJoinRequest(eventId: string, dto: JoinDto, idempotencyKey: string | undefined): JoinRequest {
  return {
    eventId: eventId.toLowerCase(),
    userId: dto.userId,
    quantity: dto.quantity ?? 1,
    sectionId: dto.sectionId?.toLowerCase(),
    idempotencyKey,
  };
}
