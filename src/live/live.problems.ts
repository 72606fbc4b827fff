import { jitteredRetryAfterSeconds, Problem } from '../common/problem.js';

export function tooManyStreams(max: number): Problem {
  return new Problem({
    status: 503,
    code: 'too_many_streams',
    title: 'Too many streams',
    message: 'Too many people are watching right now, please try again',
    detail: `This server keeps ${max} streams open at a time. Try again, or ask another server.`,
    retryAfterSeconds: jitteredRetryAfterSeconds(),
  });
}
