import { describe, expect, it } from '@jest/globals';
import { CASE_NAMES, readOptions } from '../../bench/options.js';
import { judge } from '../../bench/report/targets.js';
import { percentile, ratiosOf, spreadOf } from '../../bench/support/statistics.js';

describe('the statistics of the benchmark', () => {
  it('take the middle of the measurements, and between the two middle ones', () => {
    expect(spreadOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(spreadOf([]).median).toBeNaN();
  });

  it('take the value that a share of the answers does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([50, 99, 100]);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('compare round by round, and leave out a round without an answer', () => {
    expect(ratiosOf([10, 40, 5], [5, 10, 0])).toEqual([2, 4]);
    expect(ratiosOf([10, 40], [5])).toEqual([2]);
  });
});

describe('the targets of the benchmark', () => {
  const sample = (rate: number, p99 = 1) => ({ rate, p50: 1, p99, stalls: 0, others: {} });
  const row = (contender: string, ...rates: number[]) => ({ contender, samples: rates.map((rate) => sample(rate)) });
  const verdicts = (...rows: ReturnType<typeof row>[]) =>
    judge([{ name: 'one-event-100', comparisons: [{ title: '', rows }], facts: {}, notes: [] }]);

  it('are judged by the median of the ratios, where both sides were measured', () => {
    const product = row('product', 300, 210, 100);
    const [postgres, samePromises, , textbook] = verdicts(
      product,
      row('postgres', 100, 100, 100),
      row('postgres-same', 50, 50, 50),
    );
    expect(postgres).toMatchObject({ measured: '2.10 ×', isReached: true });
    expect(samePromises).toMatchObject({ measured: '4.20 ×', isReached: undefined });
    expect(textbook).toMatchObject({ measured: 'not measured', isReached: undefined });
  });

  it('ask for a multiple of the seed or for the ceiling, whichever is lower', () => {
    const isReached = (seed: number, noOp: number) =>
      verdicts(row('product', 100), row('seed', seed), row('no-op', noOp))[2]?.isReached;
    expect([isReached(10, 200), isReached(50, 110), isReached(50, 200)]).toEqual([true, true, false]);
  });

  it('ask for as many commands with a long waitlist as with a short one, and for no ticket in wrong hands', () => {
    const judged = (facts: Record<string, number>) =>
      judge([{ name: 'waitlist-storm', comparisons: [], facts, notes: [] }])
        .filter(({ target }) => target.includes('wait') && !target.includes('reported'))
        .map(({ isReached }) => isReached);
    expect(judged({ commandsRatio: 1.05, faults: 0 })).toEqual([true, true]);
    expect(judged({ commandsRatio: 1.2, faults: 1 })).toEqual([false, false]);
    expect(judged({})).toEqual([undefined, undefined]);
  });
});

describe('the options of the benchmark', () => {
  it('are all cases, or those that are named, in the order of the run', () => {
    expect(readOptions([]).cases).toEqual(CASE_NAMES);
    expect(readOptions(['--case', 'million', '--case', 'shop', '--pairs', '7'])).toMatchObject({
      cases: ['shop', 'million'],
      pairs: 7,
    });
  });

  it.each([['--fast'], ['--case', 'nothing'], ['--pairs', '0'], ['--bookings', '1e3'], ['stray']])(
    'are refused where they are not known: %s',
    (...args) => {
      expect(() => readOptions(args)).toThrow();
    },
  );
});
