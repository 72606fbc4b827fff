import type { Clock } from '../../../src/common/clock.js';
import { CoalescedReads } from '../../../src/common/concurrency/coalesced-reads.js';
import type { Event, TicketCounts } from '../../../src/events/event.js';
import { applyMovement, type Movement, sumLines, type TicketInventoryRepository } from '../../../src/events/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { Link } from './simulated-database.js';

const NONE = { capacity: 0, availableTickets: 0, heldTickets: 0, soldTickets: 0 };

/** As `TicketInventoryRepository`, on the simulated store. */
export class SimulatedInventory implements Pick<TicketInventoryRepository, 'read' | 'readCommitted' | 'move'> {
  /** What a movement's update demands of its event. */
  guard = (event: Event, movement: Movement) => covers(event, movement) && hasTerms(event, movement);
  /** What the update makes of it. */
  write = written;
  private readonly committed: CoalescedReads<Event>;

  constructor(
    private readonly link: Link,
    clock: Clock,
  ) {
    this.committed = new CoalescedReads(clock, (ids) =>
      link.send({ execute: () => pick(link.store.latest.events, ids) }),
    );
  }

  read(tx: Tx, eventIds: readonly string[]): Promise<Map<string, Event>> {
    return this.link.within(tx, (transaction) => pick(this.link.store.events(transaction), eventIds));
  }

  readCommitted(eventIds: readonly string[]): Promise<ReadonlyMap<string, Event>> {
    return this.committed.read(eventIds);
  }

  async move(tx: Tx, movements: readonly Movement[]): Promise<boolean> {
    if (movements.length === 0) return true;
    const moved = await this.link.within(tx, (transaction) =>
      movements.map((movement) => this.link.store.move(transaction, movement, this.guard, this.write)),
    );
    return moved.every(Boolean);
  }
}

/** Whether an event is on the terms that were planned on. */
export function hasTerms(event: Event, { terms }: Movement): boolean {
  return event.status === terms.status && event.maxTicketsPerUser === terms.maxTicketsPerUser;
}

/** What the product's guard demands, but for the terms. */
export function covers(event: Event, movement: Movement): boolean {
  return event.revision === movement.revision && hasTickets(event, movement);
}

/** Whether no count becomes negative. A section that an edit adds takes nothing. */
export function hasTickets(event: Event, { lines, changes }: Movement): boolean {
  const { event: change, sections } = sumLines(lines);
  return (
    isThere(event, change) &&
    [...sections].every(([id, by]) => {
      const section = event.sections.find((each) => each.id === id);
      return section ? isThere(section, by) : changes?.sections !== undefined && isThere(NONE, by);
    })
  );
}

function isThere(pool: TicketCounts, by: TicketCounts): boolean {
  return (
    pool.availableTickets + by.availableTickets >= 0 &&
    pool.heldTickets + by.heldTickets >= 0 &&
    pool.soldTickets + by.soldTickets >= 0
  );
}

/** Adds to the counts that are stored, also where the list of sections changes. */
function written(event: Event, movement: Movement): Event {
  const { terms, changes } = movement;
  const sections = changes?.sections?.map(({ id, name, price }) => {
    return { ...NONE, ...event.sections.find((section) => section.id === id), id, name, price };
  });
  const { revision, countsUserTickets } = event;
  return {
    ...applyMovement(event, { ...movement, changes: { ...changes, ...(sections && { sections }) } }),
    countsUserTickets: countsUserTickets || terms.maxTicketsPerUser !== undefined,
    revision: revision + 1,
  };
}

function pick<Value>(all: ReadonlyMap<string, Value>, ids: readonly string[]): Map<string, Value> {
  return new Map([...all].filter(([id]) => ids.includes(id)));
}
