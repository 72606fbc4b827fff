import { USER_TICKETS, type UserTickets } from '../../../src/bookings/decide/user-tickets.js';
import type { Event, TicketCounts } from '../../../src/events/event.js';
import type { Hold } from '../../../src/holds/hold.js';
import { isAs } from './kept.js';
import type { Model } from './model.js';
import { bookingsIn, type CommittedState, entriesIn, holdsIn } from './simulated-store.js';

/** Whether the event, and all that belongs to it, is stored as the model has it. */
export function agrees(model: Model, state: CommittedState, eventId: string): boolean {
  const event = state.events.get(eventId);
  if (!event) return model.terms.isDeleted && model.count + model.holdsCount === 0;
  const ofEvent = (doc: { readonly eventId: string }) => doc.eventId === eventId;
  const stored = [...bookingsIn(state).values()].filter(ofEvent);
  const holds = [...holdsIn(state).values()].filter(ofEvent);
  const counts = [...(state.tables.get(USER_TICKETS.name) ?? new Map()).values()] as UserTickets[];
  const isActive = ({ status }: Hold) => status === 'active';
  const isHeld = (hold: Hold) => model.find(hold.id)?.hold?.isLive === isActive(hold);
  const next = event.nextHoldExpiresAt ?? Infinity;
  return (
    !model.terms.isDeleted &&
    model.terms.areThoseOf(event) &&
    hasCounts(model, event) &&
    hasWaiters(model, event, state) &&
    stored.length === model.count &&
    stored.every((booking) => isAs(booking, model.find(booking.id)!.kept)) &&
    holds.length === model.holdsCount &&
    holds.every(isHeld) &&
    holds.filter(isActive).every(({ expiresAt }) => next <= expiresAt) &&
    counts.filter(ofEvent).every(({ userId, tickets }) => tickets === model.ticketsOf(userId))
  );
}

/** Whether the same wait, have waited, and have tickets kept for them. */
function hasWaiters(model: Model, event: Event, state: CommittedState): boolean {
  const { waiting, terms } = model;
  const { waiting: count, reserved, endedUpTo } = event.waitlist ?? { waiting: 0, reserved: [], endedUpTo: 0 };
  const entries = [...entriesIn(state).values()].filter(({ eventId }) => eventId === event.id);
  const keptOf = (pool: string | undefined) => reserved.find(({ sectionId }) => sectionId === pool)?.quantity ?? 0;
  return (
    count === waiting.count &&
    entries.length === waiting.waiters.length &&
    terms.pools.every((pool) => keptOf(pool) === waiting.kept(pool)) &&
    entries.every(({ id, number, status }) => {
      const waiter = waiting.find(id);
      if (status === 'waiting') return waiter?.state === (number <= endedUpTo ? 'over' : 'waiting');
      return status === (waiter?.state === 'offered' ? endOf(model, id) : waiter?.state);
    })
  );
}

/** What has become of an offer. */
function endOf(model: Model, id: string): string {
  const one = model.find(id);
  if (one?.isBooked) return 'accepted';
  if (one?.hold?.isReleased) return 'left';
  return one?.hold?.isLive ? 'offered' : 'expired';
}

/** Whether the counts add up, are those of the model, and are never negative. */
function hasCounts(model: Model, { totalTickets, sections, ...event }: Event): boolean {
  if (sections.length === 0) return addsUp({ capacity: totalTickets, ...event }, model.available(undefined));
  const sum = sections.reduce((total, { id }) => total + model.available(id), 0);
  return (
    addsUp({ capacity: totalTickets, ...event }, sum) &&
    sections.every(({ id, ...section }) => addsUp(section, model.available(id)))
  );
}

function addsUp(
  { capacity, availableTickets, heldTickets, soldTickets }: TicketCounts & { readonly capacity: number },
  available: number,
): boolean {
  return (
    availableTickets === available &&
    availableTickets + heldTickets + soldTickets === capacity &&
    Math.min(availableTickets, heldTickets, soldTickets) >= 0
  );
}
