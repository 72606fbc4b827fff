import { Problem } from '../common/problem.js';

export function eventNotFound(id: string): Problem {
  return new Problem({
    status: 404,
    code: 'event_not_found',
    title: 'Event not found',
    message: 'Event not found',
    detail: `There is no event ${id}.`,
  });
}
