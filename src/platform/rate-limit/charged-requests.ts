import { LRUCache } from 'lru-cache';
import { WINDOW_SECONDS } from './budget.js';

const MAX_REQUESTS = 50_000;

/** Requests with an idempotency key that were charged in the last window. Equal requests are not charged again. */
export class ChargedRequests {
  private cache: LRUCache<string, true> | undefined;

  /** Returns whether an equal request was charged before, and records this one as charged. */
  charge(request: string): boolean {
    const isCharged = this.requests.has(request);
    if (!isCharged) this.requests.set(request, true);
    return isCharged;
  }

  /** Forgets a refused request: its retry counts as a new request. */
  forget(request: string): void {
    this.requests.delete(request);
  }

  /** Room for all of them is taken at once, by the first request. */
  private get requests(): LRUCache<string, true> {
    return (this.cache ??= new LRUCache({ max: MAX_REQUESTS, ttl: WINDOW_SECONDS * 1_000 }));
  }
}
