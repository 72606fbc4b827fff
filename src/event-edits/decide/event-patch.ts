import type { Instant } from '../../common/clock.js';
import type { EventStatus, Price } from '../../events/index.js';

/** What changes of a price; null: there is none any more. */
export type PricePatch = Partial<Price> | null;

/** What changes of a section, or a new one. */
export interface SectionPatch {
  readonly id: string;
  /** Whether the event gets it now: then it has a name and a capacity. */
  readonly isNew: boolean;
  readonly remove: boolean;
  readonly name?: string;
  readonly capacity?: number;
  readonly price?: PricePatch;
}

/** A JSON merge patch (RFC 7396) of an event: what is absent stays, and null removes. */
export interface EventPatch {
  readonly name?: string;
  readonly status?: EventStatus;
  readonly totalTickets?: number;
  readonly price?: PricePatch;
  /** Those that are not named stay. */
  readonly sections?: readonly SectionPatch[];
  readonly startsAt?: Instant | null;
  readonly salesStartAt?: Instant | null;
  readonly salesEndAt?: Instant | null;
  readonly maxTicketsPerUser?: number | null;
  readonly maxTicketsPerBooking?: number | null;
  readonly reference?: string | null;
  readonly metadata?: Readonly<Record<string, string | null>> | null;
}
