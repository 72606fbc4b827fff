import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

export const ASYNC = 'respond-async';

/** Whether the request prefers an answer at once, before it is carried out (RFC 7240, 4.1). */
export function prefersAsync({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const preferences = String(headers['prefer'] ?? '').split(',');
  return preferences.some((preference) => preference.split(';')[0]?.trim().toLowerCase() === ASYNC);
}

/** The route lets a request wait in the queue of its event, where that is preferred. */
export function MayRespondAsync(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Prefer',
      required: false,
      description:
        'With `respond-async`, the request waits in the queue of its event, and is answered at once by `202`: follow it with ' +
        '`GET /requests/:id`. Without, it is answered when it is carried out.',
      schema: { type: 'string', enum: [ASYNC] },
    }),
  );
}
