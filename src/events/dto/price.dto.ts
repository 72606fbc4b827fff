import { IsInt, Matches, Max, Min, ValidateBy } from 'class-validator';
import { isCurrency } from '../currencies.js';
import type { Price } from '../event.js';

export const MAX_AMOUNT = 1_000_000_000_000;

/** What one ticket costs. */
export class PriceDto {
  /**
   * In minor units of the currency, cents for example.
   * @example 4500
   */
  @Max(MAX_AMOUNT)
  @Min(0)
  @IsInt()
  amount!: number;

  /**
   * The ISO 4217 code of the currency.
   * @example "EUR"
   */
  @Matches(/^[A-Z]{3}$/)
  @ValidateBy({
    name: 'isCurrency',
    validator: { validate: isCurrency, defaultMessage: () => 'currency must be an active code of ISO 4217' },
  })
  currency!: string;
}

/** JSON can say -0, which is 0. */
export function toPrice(price: PriceDto | undefined): Price | undefined {
  return price && { amount: price.amount + 0, currency: price.currency };
}
