import type { Fields } from './checks.js';
import { type SeedId, toCount } from './opening-counts.js';

/** A booking of the Express API's, as its shape says it is, with ids for the digits that it may have instead. */
export interface SeedBooking<Id extends SeedId = SeedId> {
  readonly _id: Id;
  readonly eventId: Id;
  readonly sectionId?: Id | null;
  readonly userId?: string | null;
  readonly quantity?: number;
  readonly qty?: number;
  readonly status?: 'confirmed' | 'cancelled';
  readonly bookedAt?: Date;
  readonly createdAt?: Date;
}

export interface BookedEvent {
  readonly hasSections: boolean;
  /** Of the sections that have an id. */
  readonly sectionIds: ReadonlySet<string>;
}

/**
 * The fields that a booking has from now on. A confirmed one is marked as imported: its tickets are in its event's
 * opening movement. A cancelled one stays cancelled, and its tickets are not sold.
 * `event` is undefined where there is none.
 */
export function takeOverBooking<Id extends SeedId>(booking: SeedBooking<Id>, event: BookedEvent | undefined): Fields {
  const quantity = toCount(booking.quantity ?? booking.qty ?? 1);
  const status = booking.status ?? 'confirmed';
  const named = booking.sectionId ?? undefined;
  const sectionId = event && status === 'confirmed' ? findPool(event, booking.eventId, named) : named;
  return {
    eventId: booking.eventId,
    userId: booking.userId ?? null,
    quantity,
    items: [{ ...(sectionId !== undefined && { sectionId }), quantity }],
    status,
    bookedAt: booking.bookedAt ?? booking.createdAt ?? booking._id.getTimestamp(),
    ...(status === 'confirmed' && { imported: true }),
  };
}

/** A booking that names no section of its event counts against a pool of its own, whose id is the event's. */
function findPool<Id extends SeedId>(event: BookedEvent, eventId: Id, named: Id | undefined): Id | undefined {
  if (!event.hasSections) return undefined;
  return event.sectionIds.has(String(named)) ? named : eventId;
}
