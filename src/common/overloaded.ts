import { jitteredRetryAfterSeconds, Problem } from './problem.js';

/** More is asked for than can be done now: this request was not tried, and nothing was changed. */
export function overloaded(): Problem {
  return new Problem({
    status: 503,
    code: 'overloaded',
    title: 'Overloaded',
    message: 'Too many people are booking right now, please try again',
    detail: 'The request was not tried. Nothing was changed.',
    retryAfterSeconds: jitteredRetryAfterSeconds(),
  });
}
