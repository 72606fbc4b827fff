import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RedisServer } from '../redis/index.js';
import { type Budget, WINDOW_MS } from './budget.js';
import type { Account, Charge, Ledger } from './ledger.js';
import type { RateLimitMetrics } from './rate-limit.metrics.js';
import { type Charged, type Count, SharedCounts } from './shared-counts.js';

/** Of what an account has left, so much may be on its way to Redis from one server: eight of them exceed a budget by 2 %. */
const SHARE_AHEAD = 1 / 400;
const MAX_ACCOUNTS = 50_000;

/** What this server knows of an account. */
interface Known {
  /** In Redis. */
  readonly name: string;
  used: number;
  /** By the monotonic clock. */
  endsAt: number;
  /** Requests that were let through, of which Redis has not told yet. */
  ahead: number;
}

interface Entry {
  readonly budget: Budget;
  readonly known: Known;
}

/**
 * Counts the requests of all servers that meet at a Redis; while it is away, those of this process. A request of an account
 * that has plenty left does not wait for Redis.
 */
export class SharedLedger implements Ledger {
  private readonly counts: SharedCounts;
  private readonly known = new LRUCache<string, Known>({ max: MAX_ACCOUNTS });

  constructor(
    private readonly redis: RedisServer,
    private readonly own: Ledger,
    private readonly metrics: RateLimitMetrics,
  ) {
    this.counts = new SharedCounts(redis);
  }

  async charge(accounts: readonly Account[], request: string | undefined): Promise<Charge> {
    const entries = accounts.map((account) => this.entryOf(account));
    const isAhead = this.redis.isThere && entries.every(hasPlenty);
    if (isAhead) for (const { known } of entries) known.ahead += 1;
    const answer = this.counts
      .charge({
        accounts: entries.map(({ known: { name }, budget: { quota } }) => ({ name, quota })),
        request: request === undefined ? undefined : this.nameOf(request),
      })
      .then(
        (charged) => learn(entries, charged),
        () => this.chargeHere(accounts, request),
      )
      .finally(() => {
        if (isAhead) for (const { known } of entries) known.ahead -= 1;
      });
    if (!isAhead) return answer;
    const now = performance.now();
    return {
      standings: entries.map(({ budget, known: { used, ahead, endsAt } }) =>
        budget.standing(used + ahead, endsAt - now),
      ),
      isRepeated: answer.then(({ isRepeated }) => isRepeated),
    };
  }

  refund(accounts: readonly Account[]): void {
    this.counts
      .refund(accounts.map((account) => this.entryOf(account).known.name))
      .catch(() => this.own.refund(accounts));
  }

  forget(request: string): void {
    this.counts.forget(this.nameOf(request)).catch(() => undefined);
    this.own.forget(request);
  }

  private chargeHere(accounts: readonly Account[], request: string | undefined): Promise<Charge> {
    this.metrics.countFallback();
    return this.own.charge(accounts, request);
  }

  private entryOf({ budget, identity }: Account): Entry {
    const account = `${budget.policy} ${identity}`;
    const now = performance.now();
    let known = this.known.get(account);
    if (!known) {
      known = { name: this.nameOf(account), used: 0, endsAt: now + WINDOW_MS, ahead: 0 };
      this.known.set(account, known);
    }
    if (known.endsAt <= now) Object.assign(known, { used: 0, endsAt: now + WINDOW_MS });
    return { budget, known };
  }

  /** Redis learns nobody's name. */
  private nameOf(what: string): string {
    return this.redis.nameOf(`used:${createHash('sha256').update(what).digest('base64url').slice(0, 22)}`);
  }
}

/** Whether one request more may be let through ahead of Redis' answer. */
function hasPlenty({ budget: { quota }, known: { used, ahead } }: Entry): boolean {
  return ahead + 1 <= (quota - used) * SHARE_AHEAD;
}

function learn(entries: readonly Entry[], { isRepeated, counts }: Charged): Charge {
  const now = performance.now();
  const standings = entries.map(({ budget, known }, index) => {
    const { used, leftMs } = inWindow(counts[index]);
    Object.assign(known, { used, endsAt: now + leftMs });
    const standing = budget.standing(used, leftMs);
    return isRepeated ? { ...standing, isExceeded: false } : standing;
  });
  return { standings, isRepeated: Promise.resolve(isRepeated) };
}

/** Nothing is used where there is no key yet. */
function inWindow({ used, leftMs }: Count = { used: 0, leftMs: -1 }): Count {
  return { used, leftMs: leftMs < 0 ? WINDOW_MS : leftMs };
}
