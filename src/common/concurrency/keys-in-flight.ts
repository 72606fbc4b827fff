import { idempotencyInProgress } from '../idempotency.js';
import { Problem } from '../problem.js';

/** The idempotency keys of the requests that are under way in this process. */
export class KeysInFlight {
  private readonly keys = new Set<string>();

  /**
   * Runs `work` and returns what it returns. Throws what it throws, but `idempotency_in_progress` if it gives up (503)
   * while an earlier request with the same key is still under way.
   */
  async run<Result>(key: string | undefined, work: () => Promise<Result>): Promise<Result> {
    if (key === undefined) return work();
    const isFirst = !this.keys.has(key);
    if (isFirst) this.keys.add(key);
    try {
      return await work();
    } catch (error) {
      const gaveUp = error instanceof Problem && error.status === 503;
      throw gaveUp && !isFirst && this.keys.has(key) ? idempotencyInProgress() : error;
    } finally {
      if (isFirst) this.keys.delete(key);
    }
  }
}
