import { LRUCache } from 'lru-cache';

export const WINDOW_SECONDS = 60;
export const WINDOW_MS = WINDOW_SECONDS * 1_000;
/** Evicts the least recently seen identity, whose count matters least. */
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

interface Window {
  used: number;
  /** By the monotonic clock. */
  readonly endsAt: number;
}

/** So many requests in a window of a minute, which begins with an identity's first request. */
export class Budget {
  private cache: LRUCache<string, Window> | undefined;

  constructor(
    /** Names it to its callers. */
    readonly policy: string,
    readonly quota: number,
  ) {}

  /** Counts a request. */
  charge(identity: string): Standing {
    const now = performance.now();
    let window = this.windows.get(identity);
    if (!window || window.endsAt <= now) {
      window = { used: 0, endsAt: now + WINDOW_MS };
      this.windows.set(identity, window);
    }
    window.used += 1;
    return this.standing(window.used, window.endsAt - now);
  }

  /** Takes back what a request was charged, which makes no more than a full budget of it. */
  refund(identity: string): void {
    const window = this.windows.get(identity);
    if (window && window.used > 0) window.used -= 1;
  }

  /** Returns the standing without counting anything. */
  look(identity: string): Standing {
    const now = performance.now();
    const window = this.windows.peek(identity);
    const isCurrent = window !== undefined && window.endsAt > now;
    return isCurrent ? this.standing(window.used, window.endsAt - now) : this.standing(0, WINDOW_MS);
  }

  /** Room for all of them is taken at once, by the first request: most servers do not use every budget. */
  private get windows(): LRUCache<string, Window> {
    return (this.cache ??= new LRUCache({ max: MAX_IDENTITIES }));
  }

  /** The standing of an identity that has used so much of a window, which ends in so many milliseconds. */
  standing(used: number, leftMs: number): Standing {
    return {
      policy: this.policy,
      quota: this.quota,
      remaining: Math.max(0, this.quota - used),
      // Adding and subtracting fractions may give a trifle more than a window.
      resetSeconds: Math.min(WINDOW_SECONDS, Math.max(1, Math.ceil(leftMs / 1_000))),
      isExceeded: used > this.quota,
    };
  }
}
