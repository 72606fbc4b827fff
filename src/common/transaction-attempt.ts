import type { Problem } from './problem.js';

/** One of several tries to make the same changes come true. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** Whether an earlier one had sent its commit: what it did may yet be found. */
  readonly mayHaveCommitted: boolean;
  /** When it has to be over, by the monotonic clock. */
  readonly deadline: number;
}

/**
 * Somebody else is writing the same at the same time; has written it since it was read; or the database does not do it, or
 * not in time.
 */
export type FailureReason = 'conflict' | 'outdated' | 'unavailable';

/** How an attempt ended, where that is known. */
export type Attempted<Result> =
  | { readonly kind: 'committed'; readonly result: Result }
  | {
      /** Nothing has changed: another attempt may follow. */
      readonly kind: 'failed';
      readonly reason: FailureReason;
      /** Whether its commit was sent, and was said to have failed. */
      readonly commitSent: boolean;
      /** What to tell those who can't wait for another. */
      readonly problem: Problem;
    };

const BACKOFF_BASE_MS = 2;
const BACKOFF_MAX_MS = 100;

/** How long to wait after the attempt of this number: at random up to a limit that doubles (full jitter). */
export function backOffMs(attempt: number, random = Math.random): number {
  return random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 10));
}
