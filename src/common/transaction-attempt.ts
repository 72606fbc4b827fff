import type { Problem } from './problem.js';

/** One of several tries to commit the same changes. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** Whether an earlier attempt has sent its commit: it may have taken effect. */
  readonly mayHaveCommitted: boolean;
  /** When it must have ended, by the monotonic clock. */
  readonly deadline: number;
}

/**
 * `conflict`: another transaction writes the same document at the same time. `outdated`: it has changed since it was read.
 * `unavailable`: the database failed, or did not answer in time.
 */
export type FailureReason = 'conflict' | 'outdated' | 'unavailable';

/** How an attempt ended, if that is known. */
export type Attempted<Result> =
  | { readonly kind: 'committed'; readonly result: Result }
  | {
      /** Nothing has changed: another attempt may follow. */
      readonly kind: 'failed';
      readonly reason: FailureReason;
      /** Whether its commit was sent and was reported to have failed. */
      readonly commitSent: boolean;
      /** What to answer if there is no time for another attempt. */
      readonly problem: Problem;
    };

const BACKOFF_BASE_MS = 2;
const BACKOFF_MAX_MS = 100;

/** How long to wait after the attempt of this number: at random up to a limit that doubles (full jitter). */
export function backOffMs(attempt: number, random = Math.random): number {
  return random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 10));
}
