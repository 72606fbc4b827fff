import { HttpStatus } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { REVISION_HEADER } from '../../common/http/event-revision.js';
import { REPLAYED_HEADER } from '../../common/http/idempotency-key.js';
import { ASYNC } from '../../common/http/prefer.js';
import type { Done } from '../decide/command.js';
import { type Accepted, REQUEST_STATUSES, type RequestStatus } from '../request-queue.js';
import { doneHeaders } from './done-headers.js';

export class AcceptedView {
  /** @example "67852b3c4d5e6f7081929394" */
  _id!: string;
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
  @ApiProperty({ enum: REQUEST_STATUSES, example: 'queued' })
  status!: RequestStatus;
  /**
   * 1 for the request that is decided next, 0 for one that is decided.
   * @example 1
   */
  position!: number;
}

export class AcceptedResponse {
  /** @example true */
  success!: boolean;
  request!: AcceptedView;
}

export const ACCEPTED = {
  description: 'With `Prefer: respond-async`: the request, committed, waits in the queue of its event.',
  type: AcceptedResponse,
  headers: {
    Location: { description: 'The path of the request.', schema: { type: 'string' as const } },
    'Preference-Applied': { description: 'The preference.', schema: { type: 'string' as const, enum: [ASYNC] } },
    ...REPLAYED_HEADER,
    ...REVISION_HEADER,
  },
};

/** Answers a request that waits in the queue. */
export function showAccepted(done: Done<Accepted>, reply: FastifyReply): AcceptedResponse {
  const { id, eventId, status, position } = done.result;
  reply.status(HttpStatus.ACCEPTED);
  reply.headers({ Location: `/requests/${id}`, 'Preference-Applied': ASYNC, ...doneHeaders(done) });
  return { success: true, request: { _id: id, eventId, status, position } };
}
