import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { fingerprintOf, idempotencyKeyReused } from '../common/idempotency.js';
import { KeysInFlight } from '../common/concurrency/keys-in-flight.js';
import { cutPage, type Page } from '../common/page.js';
import { invalidInput } from '../common/problem.js';
import { RELEASES } from '../common/releases.js';
import { Transactions, Upgrade } from '../platform/database/index.js';
import { DueTickets } from './due-tickets.js';
import { asOpened, type Event, findFaults, isDue, type NewEvent, openEvent } from './event.js';
import { cursorAfter, type EventFilter, type EventSort, nameOfList, placeIn } from './event-list.js';
import { SharedEvents } from './shared-events.js';
import { revisionUnknown } from './events.problems.js';
import { EventsRepository } from './events.repository.js';
import { TicketInventoryRepository } from './inventory/ticket-inventory.repository.js';

export interface CreatedEvent {
  readonly event: Event;
  readonly isReplay: boolean;
}

export interface EventsPage {
  readonly filter: EventFilter;
  readonly sort: EventSort;
  readonly cursor: string | undefined;
  readonly limit: number;
}

const CREATE_DEADLINE_MS = 5_000;

@Injectable()
export class EventsService {
  private readonly keysInFlight = new KeysInFlight();

  constructor(
    private readonly events: EventsRepository,
    private readonly inventory: TicketInventoryRepository,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly dueTickets: DueTickets,
    private readonly upgrade: Upgrade,
    private readonly shared: SharedEvents,
  ) {}

  /**
   * The event, committed, and whether an earlier request with the same key has made it.
   * Throws `validation_failed`, `upgrade_in_progress`, `idempotency_key_reused`, and what `Transactions.run` throws.
   */
  async create(wanted: NewEvent, key: string | undefined): Promise<CreatedEvent> {
    const faults = findFaults(wanted);
    if (faults.length > 0) throw invalidInput(faults);
    // A server of the release before would sell without a look at them.
    const { salesStartAt, salesEndAt, maxTicketsPerBooking } = wanted;
    if ((salesStartAt ?? salesEndAt ?? maxTicketsPerBooking) !== undefined) this.upgrade.assertDone(RELEASES.holds);
    const idempotency = key === undefined ? undefined : { key, fingerprint: fingerprintOf(wanted) };
    const event = openEvent(wanted, idempotency, this.clock.now(), () => this.events.nextId());
    const deadline = this.clock.monotonic() + CREATE_DEADLINE_MS;
    return this.keysInFlight.run(key, () =>
      this.transactions.run(deadline, async (tx) => {
        const made = tx.attempt.number > 1 ? await this.events.findMade(tx, event) : undefined;
        if (made) {
          const opened = made.version > 1 ? await this.events.findOpened(tx, made.id) : undefined;
          return { event: asOpened(made, opened), isReplay: isReplay(made, event) };
        }
        await this.events.insert(tx, event);
        await this.inventory.open(tx, event);
        return { event, isReplay: false };
      }),
    );
  }

  /**
   * As a majority has it, after what is due at it has ended, at this revision or a later one. Where servers share a Redis, it
   * may be up to a second old. Throws `event_not_found` and `revision_unknown`.
   */
  async get(id: string, leastRevision = 0): Promise<Event> {
    const cached = await this.shared.find(id);
    if (cached && cached.revision >= leastRevision && !isDue(cached, this.clock.now().getTime())) return cached;
    const readAt = this.clock.now().getTime();
    const event = await this.read(id);
    this.shared.keep(event, readAt);
    if (event.revision < leastRevision) throw revisionUnknown(leastRevision, event.revision);
    return event;
  }

  private async read(id: string): Promise<Event> {
    const event = await this.inventory.getCommitted(id);
    if (!isDue(event, this.clock.now().getTime())) return event;
    await this.dueTickets.settle(event.id);
    return this.inventory.getCommitted(id);
  }

  /** As stored; starts what is due at them. Throws `validation_failed` for a cursor of another list, and for dates that no event can have. */
  async list({ filter, sort, cursor, limit }: EventsPage): Promise<Page<Event>> {
    const { startsFrom = -Infinity, startsTo = Infinity } = filter;
    if (startsTo <= startsFrom) {
      throw invalidInput([{ pointer: '#/startsTo', message: 'startsTo must be after startsFrom' }]);
    }
    const list = nameOfList(filter, sort);
    const after = cursor === undefined ? undefined : placeIn(cursor, sort, list);
    const now = this.clock.now().getTime();
    const read = await this.events.list({ filter, sort, after, limit: limit + 1 }, now);
    const page = cutPage(read, limit, (last) => cursorAfter(last, sort, list));
    this.dueTickets.start(page.items.filter((event) => isDue(event, now)).map(({ id }) => id));
    return page;
  }
}

/** Whether another request with the same key has made the event. Throws `idempotency_key_reused` for another request. */
function isReplay(made: Event, wanted: Event): boolean {
  if (made.id === wanted.id) return false;
  if (made.idempotency?.fingerprint !== wanted.idempotency?.fingerprint) throw idempotencyKeyReused();
  return true;
}
