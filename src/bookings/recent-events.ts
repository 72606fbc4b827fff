import type { Event } from '../events/index.js';

const EVENTS_MAX = 1_000;
/** So many transactions read an event first after another process was seen to write it. */
const READS_AFTER_CONFLICT = 100;

interface Recent {
  readonly event: Event | undefined;
  readonly readsLeft: number;
}

/**
 * The events as this process has last committed them, so that the next booking need not read them first. They decide
 * nothing: the revision in the guard of `TicketInventoryRepository.move` does, and a refusal always rests on a read.
 */
export class RecentEvents {
  private readonly recent = new Map<string, Recent>();

  /** The events, by id; undefined unless each of them is known and seems to be ours alone. */
  find(ids: readonly string[]): Map<string, Event> | undefined {
    const found = new Map<string, Event>();
    for (const id of ids) {
      const recent = this.recent.get(id);
      if (recent?.event && recent.readsLeft === 0) found.set(id, recent.event);
    }
    return found.size === ids.length ? found : undefined;
  }

  /** Takes note of events as a transaction has just committed them. */
  keep(events: readonly Event[]): void {
    for (const event of events) {
      this.put(event.id, { event, readsLeft: Math.max(0, (this.recent.get(event.id)?.readsLeft ?? 0) - 1) });
    }
  }

  /** Someone else writes these events too: guessing their state would only make transactions run twice. */
  distrust(ids: readonly string[]): void {
    for (const id of ids) this.put(id, { event: undefined, readsLeft: READS_AFTER_CONFLICT });
  }

  private put(id: string, recent: Recent): void {
    this.recent.delete(id);
    this.recent.set(id, recent);
    for (const oldest of this.recent.keys()) {
      if (this.recent.size <= EVENTS_MAX) break;
      this.recent.delete(oldest);
    }
  }
}
