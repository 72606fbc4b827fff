import { describe, expect, it } from '@jest/globals';
import { isCurrency } from '../../src/events/currencies.js';

describe('a currency', () => {
  it.each(['EUR', 'USD', 'JPY', 'XCG', 'ZWG', 'SLE', 'VED', 'CLF', 'XXX'])('may be %s', (code) => {
    expect(isCurrency(code)).toBe(true);
  });

  it.each(['ZWL', 'BGN', 'HRK', 'ANG', 'CUC', 'SLL', 'DEM', 'ZZZ', 'eur', 'EURO', '', ' EUR', 5, null])(
    'may not be %j, which is withdrawn or was none ever',
    (code) => {
      expect(isCurrency(code)).toBe(false);
    },
  );

  it('may be any of the 178 that were published', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const codes = letters.flatMap((a) => letters.flatMap((b) => letters.map((c) => a + b + c)));
    expect(codes.filter(isCurrency)).toHaveLength(178);
  });
});
