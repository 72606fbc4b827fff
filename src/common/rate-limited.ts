import { Problem } from './problem.js';

/** The caller has used up what it may ask for; nothing was tried. */
export function rateLimited(retryAfterSeconds: number): Problem {
  return new Problem({
    status: 429,
    code: 'rate_limited',
    title: 'Too many requests',
    message: 'Too many requests, please try again later',
    detail: 'The budget named in RateLimit is used up. Nothing was changed.',
    retryAfterSeconds,
  });
}
