import { LRUCache } from 'lru-cache';
import type { Attempt, Attempted } from '../../common/transaction-attempt.js';
import { Problem } from '../../common/problem.js';

const EVENTS_MAX = 10_000;

/**
 * The events with a commit of this process whose end is unknown: it may still reach the database, long after its callers
 * were answered. Every attempt for such an event counts as one that follows a commit, until a transaction that writes the
 * event has committed.
 */
export class UnresolvedCommits {
  private readonly ids = new LRUCache<string, true>({ max: EVENTS_MAX });

  /** Runs `tryOnce` and records how it ends. Returns what it returns, and throws what it throws. */
  async watch<Result>(
    eventIds: readonly string[],
    attempt: Attempt,
    tryOnce: (attempt: Attempt) => Promise<Attempted<Result>>,
  ): Promise<Attempted<Result>> {
    const mayHaveCommitted = attempt.mayHaveCommitted || eventIds.some((id) => this.ids.has(id));
    try {
      const attempted = await tryOnce({ ...attempt, mayHaveCommitted });
      if (attempted.kind === 'committed') for (const id of eventIds) this.ids.delete(id);
      else if (attempted.commitSent) this.add(eventIds);
      return attempted;
    } catch (error) {
      if (error instanceof Problem) this.add(eventIds);
      throw error;
    }
  }

  private add(eventIds: readonly string[]): void {
    for (const id of eventIds) this.ids.set(id, true);
  }
}
