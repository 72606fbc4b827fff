import { randomUUID } from 'node:crypto';
import type { Instant } from '../common/clock.js';

/** One erasure of a user. When it has ended, nothing says who that was. */
export interface Erasure {
  /** What stands in the user's place. */
  readonly pseudonym: string;
  /** Undefined once the erasure has ended. */
  readonly userId: string | undefined;
  readonly startedAt: Instant;
  /** The name of the API key that asked for it; undefined where none is asked for. */
  readonly by: string | undefined;
  /** What the last transaction did, by the id of its command: a later attempt finds it here. */
  readonly last: LastBatch | undefined;
}

interface LastBatch {
  readonly id: string;
  readonly replaced: number;
  readonly hasMore: boolean;
}

/** A new pseudonym: at random, so that it says nothing about the user, and valid as a user's id. */
export function newPseudonym(): string {
  return `erased-${randomUUID()}`;
}
