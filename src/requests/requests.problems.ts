import { Problem } from '../common/problem.js';

export function requestNotFound(id: string): Problem {
  return new Problem({
    status: 404,
    code: 'request_not_found',
    title: 'Request not found',
    message: 'Request not found',
    detail: `There is no request ${id}. A request is kept for a day after it has ended.`,
  });
}
