import type { Clock } from '../../../src/common/clock.js';
import { CoalescedReads } from '../../../src/common/concurrency/coalesced-reads.js';
import type { Event, Movement, TicketInventoryRepository } from '../../../src/events/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { Link } from './simulated-database.js';
import { covers, hasTerms } from './simulated-store.js';

/** As `TicketInventoryRepository`, on the simulated store. */
export class SimulatedInventory implements Pick<TicketInventoryRepository, 'read' | 'readCommitted' | 'move'> {
  /** What a movement's update demands of its event. */
  guard = (event: Event, movement: Movement) => covers(event, movement) && hasTerms(event, movement);
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
      movements.map((movement) => this.link.store.move(transaction, movement, this.guard)),
    );
    return moved.every(Boolean);
  }
}

function pick<Value>(all: ReadonlyMap<string, Value>, ids: readonly string[]): Map<string, Value> {
  return new Map([...all].filter(([id]) => ids.includes(id)));
}
