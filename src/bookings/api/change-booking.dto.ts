import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { EXAMPLE_SECTION_IDS } from '../../common/http/api-examples.js';
import { IfPresent, IsId, IsText, IsUserId } from '../../common/http/validators.js';
import { invalidInput } from '../../common/problem.js';
import type { CancelRequest } from '../booking-commands.js';
import { ITEMS_MAX, QUANTITY_MAX } from './book.dto.js';

const REASON_LENGTH_MAX = 200;

export class CancelItemDto {
  /** May be left out where the booking has tickets of one pool. */
  @IfPresent()
  @IsId()
  sectionId?: string;

  /** @example 1 */
  @Max(QUANTITY_MAX)
  @Min(1)
  @IsInt()
  quantity!: number;
}

/** What is given back of a booking: `quantity` tickets of its only pool, those in `items`, or all that are left. */
export class CancelDto {
  /** @example 1 */
  @IfPresent()
  @Max(QUANTITY_MAX)
  @Min(1)
  @IsInt()
  quantity?: number;

  @IfPresent()
  @ArrayMaxSize(ITEMS_MAX)
  // An empty list asks for nothing: it must not be taken for everything.
  @ArrayMinSize(1)
  @ApiProperty({ minItems: 1, maxItems: ITEMS_MAX })
  @ValidateNested({ each: true })
  @IsObject({ each: true })
  @Type(() => CancelItemDto)
  @IsArray()
  items?: CancelItemDto[];

  /**
   * For the booking's history.
   * @example "The buyer is ill"
   */
  @IfPresent()
  @IsText(REASON_LENGTH_MAX)
  reason?: string;
}

export const CANCEL_BODY = {
  type: CancelDto,
  required: false,
  examples: {
    part: { summary: 'One ticket', value: { quantity: 1, reason: 'The buyer is ill' } },
    section: {
      summary: 'One ticket of a section',
      value: { items: [{ sectionId: EXAMPLE_SECTION_IDS[0], quantity: 1 }] },
    },
    all: { summary: 'All that is left', value: {} },
  },
};

export class TransferDto {
  /**
   * Who gets the tickets.
   * @example "user456"
   */
  @IsUserId()
  userId!: string;
}

/** Throws `validation_failed` when the tickets are named twice. */
export function toCancelRequest(dto: CancelDto, idempotencyKey: string | undefined): CancelRequest {
  const { items, quantity, reason } = dto;
  if (items && quantity !== undefined) {
    throw invalidInput([{ pointer: '#/items', message: 'send either items or quantity' }]);
  }
  const named = items ?? (quantity === undefined ? undefined : [{ sectionId: undefined, quantity }]);
  // An id in capitals is the same id.
  const lines = named?.map((line) => ({ sectionId: line.sectionId?.toLowerCase(), quantity: line.quantity }));
  return { lines, reason, idempotencyKey };
}
