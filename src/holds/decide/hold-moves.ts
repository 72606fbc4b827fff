import { addUserTickets, type Draft, type Line, quantityOf } from '../../bookings/index.js';
import type { Event } from '../../events/index.js';
import { type Hold, HOLDS } from '../hold.js';
import type { HoldStatus } from '../hold-states.js';

/** Moves tickets that are held for this hold, or that it bought. */
export function moveHeld(
  draft: Draft,
  event: Event,
  { id }: Hold,
  kind: 'held' | 'confirmed' | 'released' | 'expired' | 'booked',
  lines: readonly Line[],
): void {
  draft.move(
    event.id,
    lines.map(({ sectionId, quantity }) => ({ kind, sectionId, bookingId: id, quantity })),
  );
}

/** Keeps the tickets of a new hold: they are the user's, and the event knows when they are due. */
export function startHold(draft: Draft, event: Event, hold: Hold): void {
  draft.put(HOLDS, hold);
  moveHeld(draft, event, hold, 'held', hold.items);
  addUserTickets(draft, event, hold.userId, hold.quantity);
  const next = draft.findEvent(event.id)?.nextHoldExpiresAt ?? Infinity;
  if (hold.expiresAt < next) draft.changeEvent(event.id, { nextHoldExpiresAt: hold.expiresAt });
}

/** Ends an active hold whose tickets nobody buys: they become available, and the user has them no longer. */
export function endHold(draft: Draft, event: Event, hold: Hold, status: HoldStatus & ('released' | 'expired')): Hold {
  const ended: Hold = { ...hold, status };
  draft.put(HOLDS, ended);
  moveHeld(draft, event, hold, status, hold.items);
  addUserTickets(draft, event, hold.userId, -quantityOf(hold.items));
  return ended;
}
