import { LRUCache } from 'lru-cache';
import { WINDOW_SECONDS } from './budget.js';

const MAX_WISHES = 50_000;

/** The requests with an idempotency key that were charged in the last window: their repetitions are not. */
export class ChargedRequests {
  private readonly wishes = new LRUCache<string, true>({ max: MAX_WISHES, ttl: WINDOW_SECONDS * 1_000 });

  /** Whether the same was charged before; from now on it is taken to be. */
  pay(wish: string): boolean {
    const isPaid = this.wishes.has(wish);
    if (!isPaid) this.wishes.set(wish, true);
    return isPaid;
  }

  /** It was refused: its next try is a new request. */
  forget(wish: string): void {
    this.wishes.delete(wish);
  }
}
