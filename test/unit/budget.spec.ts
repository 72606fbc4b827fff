import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Budget } from '../../src/platform/rate-limit/budget.js';
import { ChargedRequests } from '../../src/platform/rate-limit/charged-requests.js';

const MEGABYTE = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapMegabytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / MEGABYTE;
}

describe('a budget', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('counts each identity by itself, down to nothing', () => {
    const budget = new Budget('sell-per-key', 2);
    const standings = [budget.charge('ann'), budget.charge('ann'), budget.charge('ann')];
    expect(standings.map(({ remaining, isExceeded }) => [remaining, isExceeded])).toEqual([
      [1, false],
      [0, false],
      [0, true],
    ]);
    expect(budget.charge('bob')).toMatchObject({ policy: 'sell-per-key', quota: 2, remaining: 1 });
  });

  it('takes back what was refunded, and looks without counting', () => {
    const budget = new Budget('sell-per-key', 2);
    expect(budget.look('ann')).toMatchObject({ remaining: 2, resetSeconds: 60 });
    budget.charge('ann');
    budget.charge('ann');
    budget.refund('ann');
    expect(budget.look('ann')).toMatchObject({ remaining: 1, isExceeded: false });
    budget.refund('nobody');
    expect(budget.look('nobody')).toMatchObject({ remaining: 2 });
  });

  it('is never more than full: what was charged in a window that is over can not be taken back', () => {
    jest.useFakeTimers();
    const budget = new Budget('sell-per-key', 2);
    budget.charge('ann');
    jest.advanceTimersByTime(60_001);
    budget.refund('ann');
    expect(budget.charge('ann')).toMatchObject({ remaining: 1 });
    budget.refund('ann');
    budget.refund('ann');
    expect(budget.charge('ann')).toMatchObject({ remaining: 1 });
  });

  it('needs no more memory for 250,000 identities than for the last 50,000', () => {
    const budget = new Budget('read-per-ip', 100);
    const wishes = new ChargedRequests();
    budget.charge('the first');
    const heaps: number[] = [];
    for (let index = 0; index < 250_000; index++) {
      const identity = `2001:db8:${index.toString(16)}::/64`;
      budget.charge(identity);
      if (index % 4 === 0) wishes.pay(identity);
      if (index % 50_000 === 49_999) heaps.push(heapMegabytes());
    }
    expect(Math.max(...heaps)).toBeLessThan(heaps[0]! + 20);
    // Forgotten, as everybody who has been quiet for so long.
    expect(budget.look('the first')).toMatchObject({ remaining: 100 });
  }, 60_000);
});
