/** What is sent again and again, each time by another user and to an event taken by chance. */
export interface LoadPlan {
  readonly urls: readonly string[];
  readonly connections: number;
  /** So many requests come, however many were answered. Undefined: each caller waits for its answer. */
  readonly perSecond?: number;
  /** With 'hold', an answer is that to a hold and to its confirmation together. */
  readonly request: 'book' | 'shop' | 'get' | 'hold';
  /** The API key that is sent. */
  readonly key?: string | undefined;
  /** Who wants all of it. Undefined: each time somebody else. */
  readonly userId?: string;
  readonly eventIds: readonly string[];
  /** The status that counts as an answer; every other one is counted apart. */
  readonly expected: 200 | 201 | 409;
}

/** What the callers saw. Milliseconds; NaN where nobody was answered as expected. */
export interface LoadResult {
  /** How long the window was open. */
  readonly seconds: number;
  /** Answers as expected within the window. */
  readonly answers: number;
  readonly p50: number;
  readonly p99: number;
  /** Of those that were answered with 503. */
  readonly refusedP50?: number;
  /** Requests of the window that took longer than STALL_MS, or wait for as long already. */
  readonly stalls: number;
  /** Answers of the window with another status, by status; and connections that broke. */
  readonly others: Readonly<Record<string, number>>;
  /** 201s from the start of the load to its end. */
  readonly acknowledged: number;
}

export const STALL_MS = 1_000;

/** One after another: start, open, close. The process answers the first with 'started', the last with a result. */
export type LoadCommand = { kind: 'start'; plan: LoadPlan } | { kind: 'open' } | { kind: 'close' };
export type LoadAnswer = { kind: 'started' } | { kind: 'result'; result: LoadResult };
