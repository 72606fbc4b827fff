import { Problem } from '../common/problem.js';
import type { EventStatus } from '../events/index.js';

export function wrongEventState(from: EventStatus, to: EventStatus): Problem {
  return new Problem({
    status: 409,
    code: 'wrong_state',
    title: 'Wrong state',
    message: `An event that is ${from} can not become ${to}`,
  });
}

/** So many tickets are held and sold that the pool can't have this capacity. */
export function capacityInUse(inUse: number, wanted: number, sectionId: string | undefined): Problem {
  const pool = sectionId === undefined ? 'the event' : `the section ${sectionId}`;
  return new Problem({
    status: 409,
    code: 'capacity_in_use',
    title: 'Capacity in use',
    message: 'More tickets are held and sold than that',
    detail: `${inUse} tickets of ${pool} are held or sold; the request wants a capacity of ${wanted}.`,
  });
}

export function sectionInUse(sectionId: string): Problem {
  return new Problem({
    status: 409,
    code: 'section_in_use',
    title: 'Section in use',
    message: 'Tickets of this section were sold or held: it can not be removed',
    detail: `Bookings or holds name the section ${sectionId}. Its capacity can be lowered instead.`,
  });
}

export function eventInUse(eventId: string): Problem {
  return new Problem({
    status: 409,
    code: 'event_in_use',
    title: 'Event in use',
    message: 'This event has bookings or holds: it can not be deleted',
    detail: `Bookings or holds name the event ${eventId}. It can be cancelled instead.`,
  });
}

/** The edit is based on a version that is no longer the last one. */
export function preconditionFailed(version: number): Problem {
  return new Problem({
    status: 412,
    code: 'precondition_failed',
    title: 'Precondition failed',
    message: 'This event was changed meanwhile: read it again',
    detail: `The event has version ${version}, which If-Match does not name. Nothing was changed.`,
  });
}

export function preconditionRequired(): Problem {
  return new Problem({
    status: 428,
    code: 'precondition_required',
    title: 'Precondition required',
    message: 'Send If-Match with the ETag of the event that you have read',
    detail: 'Without If-Match, two edits at the same time could undo each other. Nothing was changed.',
  });
}
