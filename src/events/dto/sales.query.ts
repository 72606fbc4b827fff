import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { IfPresent, IsInstant, toInstant } from '../../common/http/validators.js';
import { type SalesWish, STEP_SECONDS_MAX } from '../sales.js';

const isStep = (value: unknown) =>
  typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value) && Number(value) <= STEP_SECONDS_MAX;

export class SalesQuery {
  /** The first bucket begins after this time. By default when the sale began (`salesStartAt`), or else when the event was made. */
  @IfPresent()
  @IsInstant()
  from?: string;

  /** The last bucket ends at this time. Now by default, and at the latest. */
  @IfPresent()
  @IsInstant()
  to?: string;

  /**
   * The length of a bucket in whole seconds. By default a round one that makes 500 buckets at most: 1, 2, 5, 10, 15 or 30
   * seconds or minutes, 1, 2, 6 or 12 hours, or whole days.
   */
  @IfPresent()
  @ValidateBy({
    name: 'isStep',
    validator: {
      validate: isStep,
      defaultMessage: () => `step must be a whole number of seconds from 1 to ${STEP_SECONDS_MAX}`,
    },
  })
  @ApiProperty({ type: 'integer', minimum: 1, maximum: STEP_SECONDS_MAX })
  step?: string;
}

export function wishOf({ from, to, step }: SalesQuery): SalesWish {
  return { from: toInstant(from), to: toInstant(to), stepSeconds: step === undefined ? undefined : Number(step) };
}
