import { Injectable } from '@nestjs/common';
import { type Booking, BookingReads } from '../bookings/index.js';
import { TicketInventoryRepository } from '../events/index.js';
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
    private readonly inventory: TicketInventoryRepository,
    private readonly bookings: BookingReads,
    private readonly holds: HoldReads,
  ) {}

  /** Returns the request as a majority has it. Throws `request_not_found`, also where the caller may not see it. */
  async get(id: string, caller: Caller): Promise<SeenRequest> {
    const request = await this.requests.findById(id);
    if (!request || !maySee(caller, request.soldBy)) throw requestNotFound(id);
    const { kind, resultId } = request;
    return {
      request,
      position: request.status === 'queued' ? await this.positionOf(request) : 0,
      booking: resultId !== undefined && kind === 'book' ? await this.bookings.get(resultId, caller) : undefined,
      hold: resultId !== undefined && kind === 'hold' ? await this.holds.look(resultId, caller) : undefined,
    };
  }

  /** An event that is read a moment later may have decided it meanwhile. */
  private async positionOf({ eventId, number }: QueuedRequest): Promise<number> {
    const { queue } = await this.inventory.getCommitted(eventId);
    return queue ? Math.max(1, number - (queue.lastNumber - queue.waiting)) : 1;
  }
}
