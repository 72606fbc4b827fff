import { describe, expect, it } from '@jest/globals';
import { before, joinCurve, paceOf } from '../../console/src/lib/sales-curve.js';
import type { SalesBucket } from '../../console/src/lib/types.js';

const START = Date.parse('2026-01-13T10:30:00.000Z');
const at = (second: number) => new Date(START + second * 1_000).toISOString();
const bucket = (second: number, moved: Partial<SalesBucket> = {}): SalesBucket => ({
  at: at(second),
  totalTickets: 100,
  availableTickets: 100,
  heldTickets: 0,
  soldTickets: 0,
  ...{ booked: 0, confirmed: 0, cancelled: 0, held: 0, released: 0, expired: 0, imported: 0 },
  ...moved,
});
const seconds = (...booked: number[]) => booked.map((count, second) => bucket(second + 1, { booked: count }));

describe('the curve of a sale', () => {
  it('is read up to a whole second', () => {
    expect(before('2026-01-13T10:30:07.999Z', 3)).toBe('2026-01-13T10:30:04.000Z');
  });

  it('goes on with the seconds after it, each once', () => {
    const whole = { to: at(2), buckets: [bucket(2, { booked: 9 })] };
    const joined = joinCurve(whole, seconds(4, 5, 6, 7));
    expect(joined?.map(({ booked }) => booked)).toEqual([9, 6, 7]);
  });

  it('of an event that was made a moment ago is that of its seconds', () => {
    expect(joinCurve({ to: '', buckets: [] }, seconds(1, 2))?.map(({ booked }) => booked)).toEqual([1, 2]);
  });

  it('is not known where there is a gap', () => {
    expect(joinCurve({ to: at(-10), buckets: [] }, seconds(1, 2))).toBeUndefined();
    expect(joinCurve({ to: at(0), buckets: [] }, seconds(1, 2))).toHaveLength(2);
  });
});

describe('the pace of a sale', () => {
  it('leaves out the second that is passing', () => {
    expect(paceOf(seconds(10, 10, 10, 10, 1), 3)).toBe(10);
  });

  it('counts from the first ticket on, and is none without one', () => {
    expect(paceOf(seconds(0, 0, 0, 20, 40, 0), 5)).toBe(30);
    expect(paceOf(seconds(0, 0, 0), 5)).toBe(0);
    expect(paceOf([], 5)).toBe(0);
  });

  it('counts confirmed holds, and takes cancellations away', () => {
    const sold = [bucket(1, { booked: 4, confirmed: 6 }), bucket(2, { confirmed: 10, cancelled: 4 }), bucket(3)];
    expect(paceOf(sold, 5)).toBe(8);
  });
});
