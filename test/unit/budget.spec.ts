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

  it('counts each identity by itself, down to nothing', async () => {
    const budget = new Budget('sell-per-key', 2);
    const standings = [await budget.charge('ann'), await budget.charge('ann'), await budget.charge('ann')];
    expect(standings.map(({ remaining, isExceeded }) => [remaining, isExceeded])).toEqual([
      [1, false],
      [0, false],
      [0, true],
    ]);
    expect(await budget.charge('bob')).toMatchObject({ policy: 'sell-per-key', quota: 2, remaining: 1 });
  });

  it('takes back what was refunded, and looks without counting', async () => {
    const budget = new Budget('sell-per-key', 2);
    expect(await budget.look('ann')).toMatchObject({ remaining: 2, resetSeconds: 60 });
    await budget.charge('ann');
    await budget.charge('ann');
    await budget.refund('ann');
    expect(await budget.look('ann')).toMatchObject({ remaining: 1, isExceeded: false });
    await budget.refund('nobody');
    expect(await budget.look('nobody')).toMatchObject({ remaining: 2 });
  });

  it('is never more than full: what was charged in a window that is over can not be taken back', async () => {
    jest.useFakeTimers();
    const budget = new Budget('sell-per-key', 2);
    await budget.charge('ann');
    jest.advanceTimersByTime(60_001);
    await budget.refund('ann');
    expect(await budget.charge('ann')).toMatchObject({ remaining: 1 });
    await budget.refund('ann');
    await budget.refund('ann');
    expect(await budget.charge('ann')).toMatchObject({ remaining: 1 });
  });

  it('needs no more memory for 250,000 identities than for the last 50,000', async () => {
    const budget = new Budget('read-per-ip', 100);
    const wishes = new ChargedRequests();
    await budget.charge('the first');
    const heaps: number[] = [];
    for (let index = 0; index < 250_000; index++) {
      const identity = `2001:db8:${index.toString(16)}::/64`;
      await budget.charge(identity);
      if (index % 4 === 0) wishes.pay(identity);
      if (index % 50_000 === 49_999) heaps.push(heapMegabytes());
    }
    expect(Math.max(...heaps)).toBeLessThan(heaps[0]! + 20);
    // Forgotten, as everybody who has been quiet for so long.
    expect(await budget.look('the first')).toMatchObject({ remaining: 100 });
  }, 60_000);
});
