import { Inject, Injectable } from '@nestjs/common';
import { BOOKINGS_CONFIG, type BookingsConfig } from '../bookings/index.js';
import { Clock, type Instant } from '../common/clock.js';
import { decodeCursor, type Page, toPage } from '../common/page.js';
import { type Event, EventsService, TicketInventoryRepository } from '../events/index.js';
import { type Caller, maySee } from '../platform/auth/index.js';
import { type Entry, statusOf } from './entry.js';
import type { EntryStatus } from './entry-states.js';
import { COUNT_MAX, EntriesRepository } from './store/entries.repository.js';
import { entryNotFound } from './waitlist.problems.js';

/** An entry as it is now. */
export interface SeenEntry {
  readonly entry: Entry;
  readonly status: EntryStatus;
  /** 1 for the one who is first; 0 for who does not wait any more. Beyond 1,000 it may be too high. */
  readonly position: number;
}

export interface EntryList {
  readonly eventId: string;
  readonly userId: string | undefined;
  readonly status: EntryStatus | undefined;
}

/** Reads waitlists. It changes nothing, but starts what is due. */
@Injectable()
export class WaitlistReads {
  constructor(
    private readonly entries: EntriesRepository,
    private readonly inventory: TicketInventoryRepository,
    private readonly events: EventsService,
    private readonly clock: Clock,
    @Inject(BOOKINGS_CONFIG) private readonly config: BookingsConfig,
  ) {}

  /** Returns the entry as a majority has it stored. Throws `waitlist_entry_not_found`, also where the caller may not see it. */
  async get(eventId: string, id: string, caller: Caller): Promise<Entry> {
    const entry = await this.entries.findById(eventId, id);
    if (!entry || !maySee(caller, entry.soldBy)) throw entryNotFound(id);
    return entry;
  }

  /** Returns the entry as it is, after what is due at its event. Throws as `get` does. */
  async look(eventId: string, id: string, caller: Caller): Promise<SeenEntry> {
    await this.get(eventId, id, caller);
    // Tickets may be offered just now.
    const event = await this.events.get(eventId);
    return this.see(await this.get(eventId, id, caller), event);
  }

  /** Shows an entry that was read or written just now. */
  async show(entry: Entry): Promise<SeenEntry> {
    return this.see(entry, await this.inventory.getCommitted(entry.eventId));
  }

  /** Returns a page of the event's entries in their order. Throws `event_not_found`, and `validation_failed` for a cursor of another list. */
  async list(
    { eventId, userId, status }: EntryList,
    caller: Caller,
    limit: number,
    cursor: string | undefined,
  ): Promise<Page<SeenEntry>> {
    const event = await this.inventory.getCommitted(eventId);
    const named = new URLSearchParams({ event: event.id, user: userId ?? '', status: status ?? '' });
    const list = `waitlist?${named.toString()}`;
    const after = cursor === undefined ? 0 : decodeCursor(cursor, list).at.getTime();
    const filter = { event, userId, status, now: this.now(), soldBy: caller.sees };
    const read = await this.entries.list(filter, after, limit + 1);
    const { items, nextCursor } = toPage(read, limit, list, ({ id, number }) => ({ at: new Date(number), id }));
    return { items: await Promise.all(items.map((entry) => this.see(entry, event))), nextCursor };
  }

  private async see(entry: Entry, event: Event): Promise<SeenEntry> {
    const status = statusOf(entry, event, this.now());
    return { entry, status, position: status === 'waiting' ? await this.positionOf(entry, event) : 0 };
  }

  private async positionOf(entry: Entry, { waitlist }: Event): Promise<number> {
    const { endedUpTo = 0, waiting = 0 } = waitlist ?? {};
    const before = await this.entries.countBefore(entry, endedUpTo, this.config.maxTicketsPerBooking);
    if (before < COUNT_MAX) return before + 1;
    return Math.max(COUNT_MAX + 1, Math.min(waiting, entry.number - endedUpTo));
  }

  private now(): Instant {
    return this.clock.now().getTime();
  }
}
