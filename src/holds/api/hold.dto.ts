import { ApiProperty, OmitType, PickType, refs } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { BookDto, BookItemDto, toLines } from '../../bookings/index.js';
import { EXAMPLE_EVENT_ID, EXAMPLE_SECTION_IDS } from '../../common/http/api-examples.js';
import { IfPresent, IsText } from '../../common/http/validators.js';
import type { ConfirmRequest, HoldRequest } from '../holds.service.js';

const TTL_SECONDS_MAX = 3_600;
const PAYMENT_REFERENCE_LENGTH_MAX = 128;

/** Tickets to keep, named as in `POST /book`. */
export class HoldDto extends OmitType(BookDto, ['ignoreUserLimit']) {
  /**
   * For how many seconds; `HOLD_SECONDS` (600) if absent.
   * @example 600
   */
  @IfPresent()
  @Max(TTL_SECONDS_MAX)
  @Min(1)
  @IsInt()
  ttlSeconds?: number;
}

/** Tickets of one pool: of an event without sections, or of one section. */
class HoldTicketsDto extends OmitType(HoldDto, ['items']) {}

/** Tickets of several sections. */
class HoldItemsDto extends OmitType(HoldDto, ['quantity', 'sectionId']) {
  @ApiProperty({ required: true })
  override items!: BookItemDto[];
}

export const HOLD_SCHEMAS = [HoldTicketsDto, HoldItemsDto];

export const HOLD_BODY = {
  schema: { oneOf: refs(...HOLD_SCHEMAS) },
  examples: {
    ticket: { summary: 'One ticket', value: { eventId: EXAMPLE_EVENT_ID, userId: 'user123' } },
    section: {
      summary: 'Tickets of one section, for five minutes',
      value: {
        eventId: EXAMPLE_EVENT_ID,
        userId: 'user123',
        sectionId: EXAMPLE_SECTION_IDS[0],
        quantity: 2,
        ttlSeconds: 300,
      },
    },
  },
};

/** How a hold is bought: all of it, or the part that `quantity` or `items` name. */
export class ConfirmDto extends PickType(BookDto, ['items', 'quantity', 'sectionId', 'reference', 'metadata']) {
  /**
   * The shop's name for the payment. With it, the payment has one durable end: `booked`, or `refund_due`.
   * @example "pay-1001"
   */
  @IfPresent()
  @IsText(PAYMENT_REFERENCE_LENGTH_MAX)
  paymentReference?: string;
}

export const CONFIRM_BODY = {
  type: ConfirmDto,
  required: false,
  examples: {
    paid: { summary: 'All of it, paid', value: { paymentReference: 'pay-1001' } },
    all: { summary: 'All of it', value: {} },
    part: { summary: 'One ticket of it', value: { quantity: 1 } },
  },
};

export class ExtendDto {
  /**
   * The hold ends so many seconds from now, where that is later than its end.
   * @example 300
   */
  @Max(TTL_SECONDS_MAX)
  @Min(1)
  @IsInt()
  ttlSeconds!: number;
}

/** Throws `validation_failed` when the tickets are named both by `items` and beside them. */
export function toHoldRequest(dto: HoldDto, idempotencyKey: string | undefined): HoldRequest {
  const { eventId, userId, ttlSeconds, reference, metadata } = dto;
  return {
    eventId: eventId.toLowerCase(),
    userId,
    lines: toLines(dto),
    ttlSeconds,
    reference,
    metadata,
    idempotencyKey,
  };
}

/** Throws `validation_failed` as `toHoldRequest` does. */
export function toConfirmRequest(dto: ConfirmDto, idempotencyKey: string | undefined): ConfirmRequest {
  const { items, quantity, sectionId, reference, metadata, paymentReference } = dto;
  const isPart = (items !== undefined && items.length > 0) || quantity !== undefined || sectionId !== undefined;
  return { lines: isPart ? toLines(dto) : undefined, reference, metadata, paymentReference, idempotencyKey };
}
