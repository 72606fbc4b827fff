import type { ApiResponseOptions } from '@nestjs/swagger';
import { invalidInput } from '../problem.js';

export const REVISION_HEADER: NonNullable<ApiResponseOptions['headers']> = {
  'Event-Revision': {
    description:
      'The revision of the event that has this change. Sent as `Min-Event-Revision` with `GET /events/:id`, it keeps older states away.',
    schema: { type: 'integer', example: 2 },
  },
};

/** Says which revision of the event the answer knows; nothing where that is not known. */
export function revisionHeader(revision: number | undefined): Record<string, string> {
  return revision === undefined ? {} : { 'Event-Revision': String(revision) };
}

/** The revision that a `Min-Event-Revision` header names; 0 without one. Throws `validation_failed`. */
export function leastRevisionOf(header: string | undefined): number {
  if (header === undefined) return 0;
  if (/^\d{1,15}$/.test(header)) return Number(header);
  const message = 'Min-Event-Revision must be an Event-Revision: a whole number';
  throw invalidInput([{ pointer: '#/Min-Event-Revision', message }]);
}
