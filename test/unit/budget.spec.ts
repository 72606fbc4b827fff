import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Budget } from '../../src/platform/rate-limit/budget.js';
import { ChargedRequests } from '../../src/platform/rate-limit/charged-requests.js';

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

  it('says at no moment that more than a window is left', () => {
    // (29226.886757571214 + 60000) - 29226.886757571214 is more than 60000.
    jest.spyOn(performance, 'now').mockReturnValue(29226.886757571214);
    expect(new Budget('sell-per-key', 2).look('ann').resetSeconds).toBe(60);
    jest.restoreAllMocks();
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

  it('remembers 50,000 of 60,000 identities, those that were seen last', () => {
    const budget = new Budget('read-per-ip', 100);
    const identities = Array.from({ length: 60_000 }, (_, index) => `2001:db8:${index.toString(16)}::/64`);
    for (const identity of identities) budget.charge(identity);

    const known: string[] = [];
    for (const identity of identities) if (budget.look(identity).remaining < 100) known.push(identity);

    expect(known.length).toBe(50_000);
    expect(known).toEqual(identities.slice(-50_000));
  });

  it('remembers 50,000 of 60,000 charged requests, those that were seen last', () => {
    const requests = new ChargedRequests();
    const wishes = Array.from({ length: 60_000 }, (_, index) => `wish ${index}`);
    for (const wish of wishes) requests.charge(wish);

    // From the last on: one that is not known is remembered from then on, in the place of one that was looked for.
    const known = wishes.toReversed().filter((wish) => requests.charge(wish));

    expect(known.length).toBe(50_000);
  });
});
