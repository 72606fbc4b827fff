import { keyName, type QueuedCommand, type RequestStatus, type Table } from '../bookings/index.js';
import type { Instant } from '../common/clock.js';
import type { Idempotency } from '../common/idempotency.js';
import type { ProblemOptions } from '../common/problem.js';

/** What somebody wants, waiting in the queue of its event. What it makes has its id. */
export interface QueuedRequest {
  readonly id: string;
  readonly eventId: string;
  readonly userId: string;
  /** The place in the order in which requests of the event are decided. */
  readonly number: number;
  readonly status: RequestStatus;
  /** The command that is carried out for it; undefined when that is done. */
  readonly wanted: QueuedCommand | undefined;
  /** The kind of that command. */
  readonly kind: QueuedCommand['kind'];
  readonly requestedAt: Instant;
  readonly endedAt: Instant | undefined;
  /** What it has made, or what an earlier request with its key had made. */
  readonly resultId: string | undefined;
  /** Why it was refused. */
  readonly problem: ProblemOptions | undefined;
  /** Why it can't be carried out: for the operator. */
  readonly failure: string | undefined;
  /** Whether the operator wants it to be tried again. */
  readonly isToRetry: true | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The API key that it was made with, by id. */
  readonly soldBy: string | undefined;
}

/** Requests are found by their id, and by the idempotency key that they were made with. */
export const REQUESTS: Table<QueuedRequest> = {
  name: 'requests',
  namesOf: ({ id, eventId, idempotency }) => (idempotency ? [id, keyName(eventId, idempotency.key)] : [id]),
};

/** For how long a request can be read, in milliseconds, when it has ended. */
export const KEPT_MS = 86_400_000;
