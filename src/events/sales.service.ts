import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { eventNotFound } from './events.problems.js';
import { SalesRepository } from './inventory/sales.repository.js';
import { rangeOf, type SalesBucket, type SalesRange, type SalesWish, toBuckets } from './sales.js';

/** How the tickets of an event went over time, as of one revision of it. */
export interface Sales {
  readonly eventId: string;
  readonly revision: number;
  readonly range: SalesRange;
  readonly buckets: readonly SalesBucket[];
}

@Injectable()
export class SalesService {
  constructor(
    private readonly sales: SalesRepository,
    private readonly clock: Clock,
  ) {}

  /** As stored: an overdue hold counts as held until it is ended. Throws `event_not_found`, and `validation_failed` as `rangeOf` does. */
  async read(id: string, wish: SalesWish): Promise<Sales> {
    const books = await this.sales.read(id, (event) => rangeOf(wish, event, this.clock.now().getTime()));
    if (!books) throw eventNotFound(id);
    const { event, range, moved } = books;
    const { totalTickets, availableTickets, heldTickets, soldTickets } = event;
    const buckets = toBuckets({ totalTickets, availableTickets, heldTickets, soldTickets }, range, moved);
    return { eventId: event.id, revision: event.revision, range, buckets };
  }
}
