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

export function revisionUnknown(wanted: number, found: number): Problem {
  return new Problem({
    status: 412,
    code: 'revision_unknown',
    title: 'Revision unknown',
    message: 'The event has no such revision yet',
    detail: `Min-Event-Revision is ${wanted}, and the event has the revision ${found}.`,
  });
}
