import type { Fields } from './checks.js';
import type { SeedId } from './opening-counts.js';

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

/**
 * The fields that a booking has from now on. A confirmed one is marked as imported: its tickets are in its event's
 * opening movement. A cancelled one stays cancelled, and its tickets are not sold.
 * `sections` are those of its event, empty where the tickets are one pool; undefined where there is no such event.
 */
export function takeOverBooking<Id extends SeedId>(
  booking: SeedBooking<Id>,
  sections: readonly { readonly _id?: Id }[] | undefined,
): Fields {
  const quantity = booking.quantity ?? booking.qty ?? 1;
  const status = booking.status ?? 'confirmed';
  const named = booking.sectionId ?? undefined;
  const sectionId = sections && status === 'confirmed' ? findPool(booking.eventId, named, sections) : named;
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
function findPool<Id extends SeedId>(
  eventId: Id,
  named: Id | undefined,
  sections: readonly { readonly _id?: Id }[],
): Id | undefined {
  if (sections.length === 0) return undefined;
  return sections.some(({ _id }) => _id !== undefined && String(_id) === String(named)) ? named : eventId;
}
