import { Injectable } from '@nestjs/common';
import { type Booking, BookingReads } from '../bookings/index.js';
import { endedUpTo } from '../events/index.js';
import { type Hold, HoldReads } from '../holds/index.js';
import { type Caller, maySee } from '../platform/auth/index.js';
import type { QueuedRequest } from './request.js';
import { requestNotFound } from './requests.problems.js';
import { RequestsRepository } from './store/requests.repository.js';

/** A request as it is now, with what it has made. */
export interface SeenRequest {
  readonly request: QueuedRequest;
  /** 1 for the one that is decided next; 0 for one that is decided. */
  readonly position: number;
  readonly booking: Booking | undefined;
  readonly hold: Hold | undefined;
}

/** Reads requests. It changes nothing. */
@Injectable()
export class RequestReads {
  constructor(
    private readonly requests: RequestsRepository,
    private readonly bookings: BookingReads,
    private readonly holds: HoldReads,
  ) {}

  /** Returns the request as a majority has it. Throws `request_not_found`, also where the caller may not see it. */
  async get(id: string, caller: Caller): Promise<SeenRequest> {
    const found = await this.requests.look(id);
    if (!found || !maySee(caller, found.request.soldBy)) throw requestNotFound(id);
    const { request, queue } = found;
    const { kind, resultId, number } = request;
    const isQueued = request.status === 'queued' && queue !== undefined;
    return {
      request,
      // It may have been decided in that moment.
      position: isQueued ? Math.max(1, number - endedUpTo(queue)) : 0,
      booking: resultId !== undefined && kind === 'book' ? await this.bookings.get(resultId, caller) : undefined,
      hold: resultId !== undefined && kind === 'hold' ? await this.holds.look(resultId, caller) : undefined,
    };
  }
}
