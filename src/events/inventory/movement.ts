import type { Instant } from '../../common/clock.js';
import type { Event, EventStatus, TicketCounts } from '../event.js';

/** What one ticket of a kind of movement does to the counts of its pool. */
export const MOVEMENT_EFFECTS = {
  /** Capacity that an event opens with. */
  opened: { capacity: 1, availableTickets: 1, heldTickets: 0, soldTickets: 0 },
  /** Capacity that it gets, or loses, later. */
  added: { capacity: 1, availableTickets: 1, heldTickets: 0, soldTickets: 0 },
  removed: { capacity: -1, availableTickets: -1, heldTickets: 0, soldTickets: 0 },
  /** Sold before the books were opened. */
  imported: { capacity: 0, availableTickets: -1, heldTickets: 0, soldTickets: 1 },
  booked: { capacity: 0, availableTickets: -1, heldTickets: 0, soldTickets: 1 },
  cancelled: { capacity: 0, availableTickets: 1, heldTickets: 0, soldTickets: -1 },
  /** To another user: no count changes. */
  transferred: { capacity: 0, availableTickets: 0, heldTickets: 0, soldTickets: 0 },
  held: { capacity: 0, availableTickets: -1, heldTickets: 1, soldTickets: 0 },
  confirmed: { capacity: 0, availableTickets: 0, heldTickets: -1, soldTickets: 1 },
  released: { capacity: 0, availableTickets: 1, heldTickets: -1, soldTickets: 0 },
  expired: { capacity: 0, availableTickets: 1, heldTickets: -1, soldTickets: 0 },
  /** Kept for those who wait, until it is known who gets them. */
  reserved: { capacity: 0, availableTickets: -1, heldTickets: 1, soldTickets: 0 },
  unreserved: { capacity: 0, availableTickets: 1, heldTickets: -1, soldTickets: 0 },
} as const satisfies Record<string, Change>;

export type MovementKind = keyof typeof MOVEMENT_EFFECTS;
export const MOVEMENT_KINDS = Object.keys(MOVEMENT_EFFECTS) as readonly MovementKind[];

/** How counts change: `capacity` is always the sum of the others. */
export interface Change extends TicketCounts {
  readonly capacity: number;
}

/** Tickets that change their state together: which pool, how many, on whose behalf. */
export interface MovementLine {
  readonly kind: MovementKind;
  /** Undefined in an event without sections. */
  readonly sectionId: string | undefined;
  /** The booking, or the hold that may become it under the same id. */
  readonly bookingId: string | undefined;
  readonly quantity: number;
}

/**
 * What a command may change of an event beside its counts; undefined where it removes it. Sections have the counts and
 * capacities that they had, and new ones none: lines move those.
 */
export type EventChanges = Partial<
  Omit<
    Event,
    'id' | 'totalTickets' | keyof TicketCounts | 'countsUserTickets' | 'revision' | 'createdAt' | 'idempotency'
  >
>;

/** The part of an event's configuration that decides who may book: a stale copy of it must not sell a ticket. */
interface SalesTerms {
  readonly status: EventStatus;
  readonly maxTicketsPerUser: number | undefined;
}

/** All that one transaction does to one event. Without lines it only raises the revision. */
export interface Movement {
  readonly eventId: string;
  /** The revision that was read: this movement makes the next one. */
  readonly revision: number;
  /** The terms that were read. */
  readonly terms: SalesTerms;
  readonly lines: readonly MovementLine[];
  readonly changes?: EventChanges;
  /** Whether the event is deleted. */
  readonly isLast?: boolean;
}

/** A movement as it was committed. */
export interface RecordedMovement {
  readonly eventId: string;
  /** The revision that it made. */
  readonly revision: number;
  readonly at: Instant;
  readonly lines: readonly MovementLine[];
}

export interface Changes {
  readonly event: Change;
  /** Only the sections that change, by id. */
  readonly sections: ReadonlyMap<string, Change>;
}

export const NO_CHANGE: Change = { capacity: 0, availableTickets: 0, heldTickets: 0, soldTickets: 0 };

/** The sum of `lines`, for the event and for each of its sections. */
export function sumLines(lines: readonly MovementLine[]): Changes {
  const sections = new Map<string, Change>();
  let event = NO_CHANGE;
  for (const line of lines) {
    event = add(event, line);
    if (line.sectionId !== undefined) {
      sections.set(line.sectionId, add(sections.get(line.sectionId) ?? NO_CHANGE, line));
    }
  }
  return { event, sections };
}

/** The event after `movement`. */
export function applyMovement(event: Event, movement: Pick<Movement, 'revision' | 'lines' | 'changes'>): Event {
  const changes = sumLines(movement.lines);
  return {
    ...event,
    ...movement.changes,
    ...plus(event, changes.event),
    totalTickets: event.totalTickets + changes.event.capacity,
    sections: (movement.changes?.sections ?? event.sections).map((section) => {
      const change = changes.sections.get(section.id);
      return change ? { ...section, ...plus(section, change), capacity: section.capacity + change.capacity } : section;
    }),
    countsUserTickets: event.countsUserTickets || event.maxTicketsPerUser !== undefined,
    revision: movement.revision + 1,
  };
}

function plus(counts: TicketCounts, change: Change): TicketCounts {
  return {
    availableTickets: counts.availableTickets + change.availableTickets,
    heldTickets: counts.heldTickets + change.heldTickets,
    soldTickets: counts.soldTickets + change.soldTickets,
  };
}

function add(sum: Change, line: MovementLine): Change {
  const effect = MOVEMENT_EFFECTS[line.kind];
  return {
    capacity: sum.capacity + effect.capacity * line.quantity,
    availableTickets: sum.availableTickets + effect.availableTickets * line.quantity,
    heldTickets: sum.heldTickets + effect.heldTickets * line.quantity,
    soldTickets: sum.soldTickets + effect.soldTickets * line.quantity,
  };
}

/** Lines for the whole capacity of the event, pool by pool. */
export function capacityLines(event: Event, kind: 'opened' | 'removed'): MovementLine[] {
  const pools = event.sections.length > 0 ? event.sections : [{ id: undefined, capacity: event.totalTickets }];
  return pools.map(({ id, capacity }) => ({ kind, sectionId: id, bookingId: undefined, quantity: capacity }));
}
