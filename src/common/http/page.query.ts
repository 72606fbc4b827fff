import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Matches, ValidateBy } from 'class-validator';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from '../page.js';
import { IfPresent } from './validators.js';

function IsLimit(): PropertyDecorator {
  return applyDecorators(
    ValidateBy({
      name: 'isLimit',
      validator: {
        validate: (value) =>
          typeof value === 'string' && /^[1-9]\d{0,2}$/.test(value) && Number(value) <= PAGE_LIMIT_MAX,
        defaultMessage: () => `limit must be a whole number from 1 to ${PAGE_LIMIT_MAX}`,
      },
    }),
    ApiProperty({ type: 'integer', minimum: 1, maximum: PAGE_LIMIT_MAX }),
  );
}

/** The part of a query that asks for a page. */
export class PageQuery {
  /** How many at most, from 1 to 100; a page without it has 50. */
  @IfPresent()
  @IsLimit()
  limit?: string;

  /** The `nextCursor` of the page before. */
  @IfPresent()
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'cursor must be a nextCursor of this very list' })
  cursor?: string;
}

export function limitOf(query: PageQuery): number {
  return query.limit === undefined ? PAGE_LIMIT_DEFAULT : Number(query.limit);
}
