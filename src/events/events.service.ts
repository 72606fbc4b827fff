import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, toPage } from '../common/page.js';
import { invalidInput } from '../common/problem.js';
import { Transactions } from '../platform/database/index.js';
import { type Event, findFaults, type NewEvent, openEvent } from './event.js';
import { eventNotFound } from './events.problems.js';
import { EventsRepository } from './events.repository.js';
import { TicketInventoryRepository } from './ticket-inventory.repository.js';

export interface EventsPage {
  readonly onlyAvailable: boolean;
  readonly cursor: string | undefined;
  readonly limit: number;
}

const CREATE_DEADLINE_MS = 5_000;

@Injectable()
export class EventsService {
  constructor(
    private readonly events: EventsRepository,
    private readonly inventory: TicketInventoryRepository,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** The event, committed. Throws `validation_failed`, and what `Transactions.run` throws. */
  async create(wanted: NewEvent): Promise<Event> {
    const faults = findFaults(wanted);
    if (faults.length > 0) throw invalidInput(faults);
    const event = openEvent(wanted, this.clock.now(), () => this.events.nextId());
    await this.transactions.run(this.clock.monotonic() + CREATE_DEADLINE_MS, async (tx) => {
      if (tx.attempt > 1 && (await this.inventory.read(tx, [event.id])).has(event.id)) return;
      await this.events.insert(tx, event);
      await this.inventory.open(tx, event);
    });
    return event;
  }

  /** Throws `event_not_found`. */
  async get(id: string): Promise<Event> {
    const event = await this.events.findById(id);
    if (!event) throw eventNotFound(id);
    return event;
  }

  /** Newest first. Throws `validation_failed` for a cursor of another list. */
  async list({ onlyAvailable, cursor, limit }: EventsPage): Promise<Page<Event>> {
    const list = `events?available=${onlyAvailable}`;
    const after = cursor === undefined ? undefined : decodeCursor(cursor, list);
    const read = await this.events.list({ onlyAvailable, after, limit: limit + 1 });
    return toPage(read, limit, list, (event) => ({ at: event.createdAt, id: event.id }));
  }
}
