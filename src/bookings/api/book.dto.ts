import { ApiProperty, OmitType, refs } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { EXAMPLE_EVENT_ID, EXAMPLE_SECTION_IDS } from '../../common/http/api-examples.js';
import { IfPresent, IsId, IsMetadata, IsReference, IsUserId } from '../../common/http/validators.js';
import { invalidInput } from '../../common/problem.js';
import type { Line } from '../booking.js';
import type { BookingRequest } from '../booking-commands.js';

export const ITEMS_MAX = 200;
export const QUANTITY_MAX = 1_000;

export class BookItemDto {
  /** @example "67841f2a3b4c5d6e7f809101" */
  @IsId()
  sectionId!: string;

  /** @example 2 */
  @Max(QUANTITY_MAX)
  @Min(1)
  @IsInt()
  quantity!: number;
}

/** Tickets of one pool, by `quantity` and `sectionId`; or of several sections, by `items`. */
export class BookDto {
  /** @example "67841f2a3b4c5d6e7f809100" */
  @IsId()
  eventId!: string;

  /**
   * Who the tickets are for, as the shop knows them.
   * @example "user123"
   */
  @IsUserId()
  userId!: string;

  /**
   * How many tickets; 1 if absent. One booking has at most `MAX_TICKETS_PER_BOOKING` (10) in all.
   * @example 1
   */
  @IfPresent()
  @Max(QUANTITY_MAX)
  @Min(1)
  @IsInt()
  quantity?: number;

  /** Required for an event with sections, unless `items` name them. */
  @IfPresent()
  @IsId()
  sectionId?: string;

  /** Tickets of several sections, all or nothing. Lines for the same section are summed; an empty list is none. */
  @IfPresent()
  @ArrayMaxSize(ITEMS_MAX)
  @ApiProperty({ maxItems: ITEMS_MAX })
  @ValidateNested({ each: true })
  @IsObject({ each: true })
  @Type(() => BookItemDto)
  @IsArray()
  items?: BookItemDto[];

  /** The shop's own name for this booking. */
  @IfPresent()
  @IsReference()
  reference?: string;

  /** Up to 10 strings that the shop wants to find again. */
  @IfPresent()
  @IsMetadata()
  metadata?: Record<string, string>;

  /**
   * True for a box office, with a key of both scopes: the event's limit for each user does not apply. The tickets count
   * for the user all the same.
   * @example false
   */
  @IfPresent()
  @IsBoolean()
  ignoreUserLimit?: boolean;
}

/** Tickets of one pool: of an event without sections, or of one section. */
class BookTicketsDto extends OmitType(BookDto, ['items']) {}

/** Tickets of several sections. */
class BookItemsDto extends OmitType(BookDto, ['quantity', 'sectionId']) {
  @ApiProperty({ required: true })
  override items!: BookItemDto[];
}

/** What the contract says of a `BookDto`: which of its fields exclude each other. */
export const BOOK_SCHEMAS = [BookTicketsDto, BookItemsDto];

const EXAMPLES = {
  ticket: { summary: 'One ticket', value: { eventId: EXAMPLE_EVENT_ID, userId: 'user123' } },
  section: {
    summary: 'Tickets of one section',
    value: { eventId: EXAMPLE_EVENT_ID, userId: 'user123', sectionId: EXAMPLE_SECTION_IDS[0], quantity: 2 },
  },
  sections: {
    summary: 'Tickets of several sections',
    value: {
      eventId: EXAMPLE_EVENT_ID,
      userId: 'user123',
      items: [
        { sectionId: EXAMPLE_SECTION_IDS[0], quantity: 2 },
        { sectionId: EXAMPLE_SECTION_IDS[1], quantity: 1 },
      ],
      reference: 'order-1001',
      metadata: { channel: 'web' },
    },
  },
};

export const BOOK_BODY = { schema: { oneOf: refs(...BOOK_SCHEMAS) }, examples: EXAMPLES };

/** Throws `validation_failed` when the tickets are named both by `items` and beside them. */
export function toBookingRequest(dto: BookDto, idempotencyKey: string | undefined): BookingRequest {
  const { eventId, userId, reference, metadata } = dto;
  const ignoreUserLimit = dto.ignoreUserLimit ? true : undefined;
  return {
    eventId: eventId.toLowerCase(),
    userId,
    lines: toLines(dto),
    reference,
    metadata,
    idempotencyKey,
    ignoreUserLimit,
  };
}

/** The tickets that a body names; one ticket where it names none. Throws `validation_failed` as `toBookingRequest` does. */
export function toLines({ items, quantity, sectionId }: Pick<BookDto, 'items' | 'quantity' | 'sectionId'>): Line[] {
  const hasItems = items !== undefined && items.length > 0;
  if (hasItems && (quantity !== undefined || sectionId !== undefined)) {
    throw invalidInput([{ pointer: '#/items', message: 'send either items, or quantity and sectionId' }]);
  }
  const lines = hasItems ? items : [{ sectionId, quantity: quantity ?? 1 }];
  // An id in capitals is the same id.
  return lines.map((line) => ({ sectionId: line.sectionId?.toLowerCase(), quantity: line.quantity }));
}
