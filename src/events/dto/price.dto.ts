import { IsInt, IsISO4217CurrencyCode, Matches, Max, Min } from 'class-validator';

const MAX_AMOUNT = 1_000_000_000_000;

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
  @IsISO4217CurrencyCode()
  currency!: string;
}
