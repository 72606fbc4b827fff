import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../common/clock.js';
import type { Event } from '../../events/index.js';

const EVENTS_MAX = 1_000;
/** The guard checks who may book. What it does not check, such as a price that is edited by hand, is no older than this. */
const MAX_AGE_MS = 5_000;
/** How many transactions read an event first after another process was seen to write it. */
const READS_AFTER_CHANGE = 100;

interface Recent {
  readonly event: Event;
  readonly readsLeft: number;
  /** When it was last read, by the monotonic clock. */
  readonly readAt: number;
}

/**
 * The events as this process has last committed or read them, so that the next booking need not read them first. A copy
 * may be stale: the guard of `TicketInventoryRepository.move` checks what is written, and a committed read checks a refusal.
 */
export class EventCache {
  private readonly recent = new Map<string, Recent>();

  constructor(private readonly clock: Clock) {}

  /** The events, by id, that are known and that no other process seems to write. */
  find(ids: readonly string[]): Map<string, Event> {
    const found = new Map<string, Event>();
    const oldest = this.clock.monotonic() - MAX_AGE_MS;
    for (const id of ids) {
      const recent = this.recent.get(id);
      if (recent?.readsLeft === 0 && recent.readAt > oldest) found.set(id, recent.event);
    }
    return found;
  }

  /** Records events as a transaction has just committed them. */
  keep(events: Iterable<Event>): void {
    for (const event of events) {
      const { readsLeft = 0, readAt = this.clock.monotonic() } = this.recent.get(event.id) ?? {};
      this.put(event, Math.max(0, readsLeft - 1), readAt);
    }
  }

  /** Forgets events that a transaction has deleted. */
  forget(eventIds: readonly string[]): void {
    for (const id of eventIds) this.recent.delete(id);
  }

  /**
   * Records events as they were read. If another process has written one, it will do so again: planning on memory
   * would only make transactions run twice. An event that was edited by hand has changed without a new revision.
   */
  see(events: Iterable<Event>): void {
    for (const event of events) {
      const known = this.recent.get(event.id);
      const now = this.clock.monotonic();
      if (!known) this.put(event, 0, now);
      else if (known.event.revision < event.revision) this.put(event, READS_AFTER_CHANGE, now);
      else if (known.event.revision === event.revision) this.put(event, known.readsLeft, now);
    }
  }

  /** Whether these events are in every part as they were remembered. Records how they are now. */
  areStill(
    remembered: ReadonlyMap<string, Event>,
    eventIds: readonly string[],
    committed: ReadonlyMap<string, Event>,
  ): boolean {
    this.see(committed.values());
    return eventIds.every((id) => isDeepStrictEqual(committed.get(id), remembered.get(id)));
  }

  private put(event: Event, readsLeft: number, readAt: number): void {
    this.recent.delete(event.id);
    this.recent.set(event.id, { event, readsLeft, readAt });
    for (const oldest of this.recent.keys()) {
      if (this.recent.size <= EVENTS_MAX) break;
      this.recent.delete(oldest);
    }
  }
}
