import { createHash } from 'node:crypto';
import type { RedisServer } from '../redis/index.js';
import { WINDOW_MS } from './budget.js';
import type { Account, Charge, Ledger } from './ledger.js';
import type { RateLimitMetrics } from './rate-limit.metrics.js';

/**
 * Keys: those of the accounts, and of the request if it has one. Arguments: the length of a window in milliseconds, whether
 * there is a request, and the quota of each account. Returns whether the request was charged before; then of each account
 * how much is used, and for how many milliseconds that counts.
 */
const CHARGE = `
  local window, hasRequest = ARGV[1], ARGV[2] == '1'
  local request = KEYS[#KEYS]
  local isRepeated = hasRequest and not redis.call('SET', request, 1, 'NX', 'PX', window)
  local isTurnedAway = false
  local result = { isRepeated and 1 or 0 }
  for index = 3, #ARGV do
    local key = KEYS[index - 2]
    if not isRepeated and not isTurnedAway then
      if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, window) end
    end
    local used = tonumber(redis.call('GET', key) or 0)
    isTurnedAway = isTurnedAway or used > tonumber(ARGV[index])
    result[#result + 1] = used
    result[#result + 1] = redis.call('PTTL', key)
  end
  if hasRequest and isTurnedAway and not isRepeated then redis.call('DEL', request) end
  return result
`;
const REFUND = `
  for _, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or 0) > 0 then redis.call('DECR', key) end
  end
`;
const FORGET = `redis.call('DEL', KEYS[1])`;

/** Counts the requests of all servers that meet at a Redis; while it is away, those of this process. */
export class SharedLedger implements Ledger {
  constructor(
    private readonly redis: RedisServer,
    private readonly own: Ledger,
    private readonly metrics: RateLimitMetrics,
  ) {}

  async charge(accounts: readonly Account[], request: string | undefined): Promise<Charge> {
    const keys = [...this.keysOf(accounts), ...(request === undefined ? [] : [this.keyOf(request)])];
    const quotas = accounts.map(({ budget }) => budget.quota);
    try {
      const counts = await this.redis.run(CHARGE, keys, WINDOW_MS, request === undefined ? 0 : 1, ...quotas);
      return toCharge(accounts, counts as number[]);
    } catch {
      this.metrics.countFallback();
      return this.own.charge(accounts, request);
    }
  }

  refund(accounts: readonly Account[]): void {
    this.redis.run(REFUND, this.keysOf(accounts)).catch(() => this.own.refund(accounts));
  }

  forget(request: string): void {
    this.redis.run(FORGET, [this.keyOf(request)]).catch(() => undefined);
    this.own.forget(request);
  }

  private keysOf(accounts: readonly Account[]): string[] {
    return accounts.map(({ budget, identity }) => this.keyOf(`${budget.policy} ${identity}`));
  }

  /** Redis learns nobody's name. */
  private keyOf(what: string): string {
    return this.redis.nameOf(`used:${createHash('sha256').update(what).digest('base64url').slice(0, 22)}`);
  }
}

function toCharge(accounts: readonly Account[], [repeated, ...counts]: readonly number[]): Charge {
  const isRepeated = repeated === 1;
  const standings = accounts.map(({ budget }, index) => {
    const [used = 0, leftMs = -1] = counts.slice(2 * index, 2 * index + 2);
    // Nothing is used where there is no key yet.
    const standing = budget.standing(used, leftMs < 0 ? WINDOW_MS : leftMs);
    return isRepeated ? { ...standing, isExceeded: false } : standing;
  });
  return { standings, isRepeated };
}
