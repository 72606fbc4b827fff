import type { Idempotency } from '../common/idempotency.js';
import type { HasDisconnected } from '../common/trace.js';
import type { Caller } from '../platform/auth/index.js';
import type { Command, Done } from './decide/command.js';
import type { Wish } from './decide/wish.js';

/** A command that may wait in the queue of its event. */
export interface QueuedCommand extends Command, Wish {
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The API key that it is made with, by id. */
  readonly soldBy: string | undefined;
}

/** A request waits; then it has got what it wanted, was refused, or can't be carried out. */
export const REQUEST_STATUSES = ['queued', 'done', 'refused', 'failed'] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** A request that waits, or has waited, in the queue of its event. */
export interface Accepted {
  readonly id: string;
  readonly eventId: string;
  readonly status: RequestStatus;
  /** 1 for the one that is decided next, 0 for one that is decided. */
  readonly position: number;
}

/** Takes commands that are carried out later, in their order. */
export abstract class RequestQueue {
  /**
   * Puts a command into the queue of its event, as a request with this id, which is the id of what the command makes. Returns
   * the request, committed, or the earlier one with its key.
   * Throws as `BookingsService.submit` does, `idempotency_key_reused`, and `upgrade_in_progress`.
   */
  abstract accept(
    requestId: string,
    wanted: QueuedCommand,
    caller: Caller,
    hasDisconnected: HasDisconnected,
  ): Promise<Done<Accepted>>;
}
