import { type Command, type CommandKind, type DueRule, userTicketsLookup } from '../../bookings/index.js';
import type { Instant } from '../../common/clock.js';
import type { Event } from '../../events/index.js';
import { type Hold, HOLDS } from '../hold.js';
import { endHold } from './hold-moves.js';

/** The last moment that a date can name. */
const LATEST: Instant = 8_640_000_000_000_000;

/**
 * Holds end when their time has come: whatever is decided at their event later finds their tickets available. The event
 * says when the next one ends at the earliest; only this raises that moment. When an event is cancelled, the time of all
 * of its holds has come.
 */
export const expireHolds: DueRule = {
  table: HOLDS.name,

  isDue: ({ nextHoldExpiresAt, ...event }, now) =>
    nextHoldExpiresAt !== undefined && nextHoldExpiresAt <= horizonOf(event, now),

  lookups: ({ id: eventId, ...event }, now, limit) => [
    { table: HOLDS.name, eventId, by: 'due', value: String(horizonOf(event, now)), limit },
  ],

  follow: (event, documents) =>
    (documents as readonly Hold[])
      .filter(({ eventId }) => eventId === event.id)
      .flatMap(({ userId }) => userTicketsLookup(event, userId)),

  settle(event, draft, limit) {
    const horizon = horizonOf(event, draft.now);
    const active = activeOf(event, draft.list(HOLDS));
    const due = active.filter(({ expiresAt }) => expiresAt <= horizon).slice(0, limit);
    for (const hold of due) endHold(draft, event, hold, hold.expiresAt <= draft.now ? 'expired' : 'released');
    // Holds after the last one that was read may be due as well, even where commands in time have left few to settle.
    const unread = activeOf(event, draft.listRead(HOLDS))[limit];
    const ends = [active[due.length], unread].flatMap((hold) => hold?.expiresAt ?? []);
    const next = ends.length > 0 ? Math.min(...ends) : undefined;
    const isCancelled = event.status === 'cancelled';
    // What a cancelled event refuses does not depend on its tickets.
    if (next !== undefined && next <= draft.now && !isCancelled) draft.fallBehind(event.id);
    // The pulse finds events by that moment: the holds that a cancelled one still has are due now.
    const isLeft = next !== undefined && isCancelled;
    draft.changeEvent(event.id, { nextHoldExpiresAt: isLeft ? Math.min(next, draft.now) : next });
  },
};

/** Until when holds that end are due at the event. */
function horizonOf({ status }: Pick<Event, 'status'>, now: Instant): Instant {
  return status === 'cancelled' ? LATEST : now;
}

/** The event's active holds in the order of their ends. */
function activeOf(event: Event, holds: readonly Hold[]): Hold[] {
  return holds
    .filter(({ eventId, status }) => eventId === event.id && status === 'active')
    .sort((one, other) => one.expiresAt - other.expiresAt);
}

/** Wants nothing but that nothing is due at the event: that has been done before this is decided. */
export const settleHolds: CommandKind<Command & { readonly kind: 'settleHolds' }, null> = {
  kind: 'settleHolds',
  lookups: () => [],
  mayBeOvertaken: true,
  decide({ eventId }, draft) {
    const event = draft.findEvent(eventId);
    const isMoreDue = event !== undefined && expireHolds.isDue(event, draft.now);
    if (isMoreDue || draft.isBehind(eventId)) return undefined;
    draft.relyOn(eventId);
    return { kind: 'done', result: null, isReplay: false };
  },
};
