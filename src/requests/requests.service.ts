import { Injectable } from '@nestjs/common';
import {
  type Accepted,
  BookingsService,
  type Done,
  type QueuedCommand,
  RequestQueue,
  within,
} from '../bookings/index.js';
import { KeysInFlight } from '../common/concurrency/keys-in-flight.js';
import { idempotencyKeyReused } from '../common/idempotency.js';
import { RELEASES } from '../common/releases.js';
import type { HasDisconnected } from '../common/trace.js';
import { type Caller, maySee } from '../platform/auth/index.js';
import { Upgrade } from '../platform/database/index.js';
import { Bell } from './bell/bell.js';
import type { EnqueueCommand, Enqueued } from './decide/enqueue.js';

/** Lets requests wait in the queues of their events. */
@Injectable()
export class RequestsService extends RequestQueue {
  private readonly keysInFlight = new KeysInFlight();

  constructor(
    private readonly engine: BookingsService,
    private readonly upgrade: Upgrade,
    private readonly bell: Bell,
  ) {
    super();
  }

  async accept(
    requestId: string,
    wanted: QueuedCommand,
    caller: Caller,
    hasDisconnected: HasDisconnected,
  ): Promise<Done<Accepted>> {
    this.upgrade.assertDone(RELEASES.queue);
    const { eventId, idempotency } = wanted;
    const command: EnqueueCommand = { kind: 'enqueue', eventId, requestId, wanted };
    const name = idempotency && within(eventId, idempotency.key);
    const done = await this.keysInFlight.run(name, () => this.engine.submit<Enqueued>(command, hasDisconnected));
    const { request, position } = done.result;
    // A replaced API key has no part in what its successor asks for.
    if (!maySee(caller, request.soldBy)) throw idempotencyKeyReused();
    if (request.status === 'queued') this.bell.ring({ eventId, number: request.number });
    return { ...done, result: { id: request.id, eventId, status: request.status, position } };
  }
}
