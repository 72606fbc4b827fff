import type { RedisServer } from '../redis/index.js';
import { WINDOW_MS } from './budget.js';

/** Redis does nothing else while it runs a script. */
const MAX_BATCH = 200;

/**
 * Keys: of each charge those of its accounts, and of its request. Arguments: the length of a window in milliseconds; then of
 * each charge how many accounts it has, whether it has a request, and the quota of each account. Returns of each charge whether
 * its request was charged before; then of each account how much is used, and for how many milliseconds that counts.
 */
const CHARGE = `
  local window = ARGV[1]
  local result, key, argument = {}, 0, 2
  while argument < #ARGV do
    local accounts, hasRequest = tonumber(ARGV[argument]), ARGV[argument + 1] == '1'
    local request = KEYS[key + accounts + 1]
    local isRepeated = hasRequest and not redis.call('SET', request, 1, 'NX', 'PX', window)
    local isTurnedAway = false
    result[#result + 1] = isRepeated and 1 or 0
    for index = 1, accounts do
      local account = KEYS[key + index]
      if not isRepeated and not isTurnedAway then
        if redis.call('INCR', account) == 1 then redis.call('PEXPIRE', account, window) end
      end
      local used = tonumber(redis.call('GET', account) or 0)
      isTurnedAway = isTurnedAway or used > tonumber(ARGV[argument + 1 + index])
      result[#result + 1] = used
      result[#result + 1] = redis.call('PTTL', account)
    end
    if hasRequest and isTurnedAway and not isRepeated then redis.call('DEL', request) end
    key = key + accounts + (hasRequest and 1 or 0)
    argument = argument + 2 + accounts
  end
  return result
`;
const REFUND = `
  for _, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or 0) > 0 then redis.call('DECR', key) end
  end
`;

/** What a request is charged to, by names that are the same on every server. */
export interface SharedCharge {
  readonly accounts: readonly { readonly name: string; readonly quota: number }[];
  /** Equal for requests that are charged once. */
  readonly request: string | undefined;
}

/** Where an account stands after a charge. */
export interface Count {
  readonly used: number;
  /** For so many milliseconds that counts. */
  readonly leftMs: number;
}

export interface Charged {
  /** An equal request was charged before: this one was not. */
  readonly isRepeated: boolean;
  /** In the order of the accounts. */
  readonly counts: readonly Count[];
}

interface Waiting {
  readonly charge: SharedCharge;
  readonly resolve: (charged: Charged) => void;
  readonly reject: (error: unknown) => void;
}

/** Counts that servers keep in one Redis. Requests of one turn of the event loop are charged by one script. */
export class SharedCounts {
  private waiting: Waiting[] = [];

  constructor(private readonly redis: RedisServer) {}

  /** Throws where Redis has not answered: the request may have been charged. */
  charge(charge: SharedCharge): Promise<Charged> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ charge, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  /** Takes back what a request was charged. Throws as `charge` does. */
  async refund(names: readonly string[]): Promise<void> {
    await this.redis.run(REFUND, names);
  }

  /** The next equal request is charged. Throws as `charge` does. */
  async forget(request: string): Promise<void> {
    await this.redis.remove(request);
  }

  private flush(): void {
    const all = this.waiting;
    this.waiting = [];
    for (let from = 0; from < all.length; from += MAX_BATCH) void this.chargeAll(all.slice(from, from + MAX_BATCH));
  }

  private async chargeAll(batch: readonly Waiting[]): Promise<void> {
    const keys = batch.flatMap(({ charge: { accounts, request } }) => [
      ...accounts.map(({ name }) => name),
      ...(request === undefined ? [] : [request]),
    ]);
    const shapes = batch.flatMap(({ charge: { accounts, request } }) => [
      accounts.length,
      request === undefined ? 0 : 1,
      ...accounts.map(({ quota }) => quota),
    ]);
    try {
      const figures = (await this.redis.run(CHARGE, keys, WINDOW_MS, ...shapes)) as number[];
      let at = 0;
      for (const { charge, resolve } of batch) {
        const isRepeated = figures[at++] === 1;
        const counts = charge.accounts.map((): Count => ({ used: figures[at++] ?? 0, leftMs: figures[at++] ?? 0 }));
        resolve({ isRepeated, counts });
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
