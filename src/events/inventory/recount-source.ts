import type { Snapshot } from '../../platform/database/index.js';

/** Two figures of the books that should be equal and are not. */
export interface Difference {
  /** What was compared. */
  readonly check: string;
  readonly sectionId?: string;
  readonly bookingId?: string;
  /** The figure by the bookings or the movements. */
  readonly expected: number;
  /** The stored figure. */
  readonly found: number;
}

/** What the documents of a feature add up to for one pool. */
export interface CountedPool {
  /** Undefined in an event without sections. */
  readonly sectionId: string | undefined;
  /** Tickets of confirmed bookings. */
  readonly confirmed?: number;
  /** Tickets of imported bookings, whatever became of them. */
  readonly imported?: number;
  /** Tickets of active holds. */
  readonly held?: number;
}

/** What a feature's own documents say about the tickets of an event. A recount compares all sources with the event's counts. */
export interface RecountSource {
  /** The collections whose documents name an event in `eventId`. */
  readonly collections: readonly string[];
  /** Adds up the feature's documents, pool by pool. */
  countPools?(snapshot: Snapshot, eventId: string): Promise<readonly CountedPool[]>;
  /** Finds documents that contradict themselves or each other. */
  findDifferences?(snapshot: Snapshot, eventId: string): Promise<readonly Difference[]>;
}

/** Where documents say how many tickets a user has: those with this status count. */
export interface UserTicketsSource {
  readonly collection: string;
  readonly status: string;
  /** The index of what a user has. Without its name, MongoDB may read all documents of an event instead. */
  readonly index: Readonly<Record<string, 1 | -1>>;
}
