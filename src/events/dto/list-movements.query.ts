import { ApiProperty, OmitType } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { PageQuery } from '../../common/http/page.query.js';
import { IfPresent } from '../../common/http/validators.js';

const REVISION = /^(0|[1-9]\d{0,14})$/;

export class ListMovementsQuery extends OmitType(PageQuery, ['cursor']) {
  /** Only movements after this revision: the `next` of the answer before. From the beginning if it is 0 or absent. */
  @IfPresent()
  @Matches(REVISION, { message: 'after must be a revision: a whole number from 0 on' })
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 999_999_999_999_999 })
  after?: string;
}

export function revisionOf({ after }: ListMovementsQuery): number {
  return Number(after ?? 0);
}
