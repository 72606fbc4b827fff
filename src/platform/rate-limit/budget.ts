import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

export const WINDOW_SECONDS = 60;
/** Whoever has been quiet for longest is forgotten first: that costs the one thing a quiet caller has not used. */
const MAX_IDENTITIES = 50_000;

/** Where an identity stands after a request. */
export interface Standing {
  /** Names the budget to its caller. */
  readonly policy: string;
  /** How many requests it allows in a window. */
  readonly quota: number;
  readonly remaining: number;
  /** Until the window ends. */
  readonly resetSeconds: number;
  readonly isExceeded: boolean;
}

/** So many requests in a window, for each identity by itself. */
export class Budget {
  private readonly limiter: RateLimiterMemory;
  private readonly identities = new LRUCache<string, true>({
    max: MAX_IDENTITIES,
    dispose: (_, identity) => void this.limiter.delete(identity),
  });

  constructor(
    private readonly policy: string,
    private readonly quota: number,
  ) {
    this.limiter = new RateLimiterMemory({ keyPrefix: '', points: quota, duration: WINDOW_SECONDS });
  }

  /** Counts a request. */
  async charge(identity: string): Promise<Standing> {
    this.identities.set(identity, true);
    return this.toStanding(await this.limiter.penalty(identity, 1));
  }

  /** Takes back what a request was charged, which makes no more than a full budget of it. */
  async refund(identity: string): Promise<void> {
    const used = await this.limiter.get(identity);
    if (used && used.msBeforeNext > 0 && used.consumedPoints > 0) await this.limiter.reward(identity, 1);
  }

  /** Without counting anything. */
  async look(identity: string): Promise<Standing> {
    const result = await this.limiter.get(identity);
    return this.toStanding(
      result ?? { consumedPoints: 0, remainingPoints: this.quota, msBeforeNext: WINDOW_SECONDS * 1_000 },
    );
  }

  private toStanding(result: Pick<RateLimiterRes, 'consumedPoints' | 'remainingPoints' | 'msBeforeNext'>): Standing {
    return {
      policy: this.policy,
      quota: this.quota,
      remaining: Math.max(0, result.remainingPoints),
      resetSeconds: Math.max(1, Math.ceil(result.msBeforeNext / 1_000)),
      isExceeded: result.consumedPoints > this.quota,
    };
  }
}
