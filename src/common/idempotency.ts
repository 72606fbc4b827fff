import { hash } from 'node:crypto';
import { Problem } from './problem.js';

/** The caller's own name for a request, so that it takes effect once, however often it is sent. */
export interface Idempotency {
  /** Unique for each caller and route. */
  readonly key: string;
  /** Equal for equal requests. */
  readonly fingerprint: string;
}

/** Returns a hash that is equal for equal requests, whatever the order of their members. */
export function fingerprintOf(request: object): string {
  return hash('sha256', JSON.stringify(request, sorted), 'base64url');
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The key has been used for another request. */
export function idempotencyKeyReused(): Problem {
  return new Problem({
    status: 422,
    code: 'idempotency_key_reused',
    title: 'Idempotency key reused',
    message: 'This Idempotency-Key was used for another request',
    detail: 'The key was sent before with another body. Nothing was changed. Send a new key for a new request.',
  });
}

/** The first request with the key is still under way, and this one could not wait any longer. */
export function idempotencyInProgress(): Problem {
  return new Problem({
    status: 409,
    code: 'idempotency_in_progress',
    title: 'Request in progress',
    message: 'A request with this Idempotency-Key is still in progress',
    detail: 'Retry with the same key: you get the answer of the first request.',
  });
}
