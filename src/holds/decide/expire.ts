import { type Command, type CommandKind, type DueRule, userTicketsLookup } from '../../bookings/index.js';
import type { Event } from '../../events/index.js';
import { type Hold, HOLDS } from '../hold.js';
import { endHold } from './hold-moves.js';

/**
 * Holds end when their time has come: whatever is decided at their event later finds their tickets available. The event
 * says when the next one ends at the earliest; only this raises that moment.
 */
export const expireHolds: DueRule = {
  table: HOLDS.name,

  isDue: ({ nextHoldExpiresAt }, now) => nextHoldExpiresAt !== undefined && nextHoldExpiresAt <= now,

  lookups: ({ id: eventId }, now, limit) => [{ table: HOLDS.name, eventId, by: 'due', value: String(now), limit }],

  follow: (event, documents) =>
    (documents as readonly Hold[])
      .filter(({ eventId }) => eventId === event.id)
      .flatMap(({ userId }) => userTicketsLookup(event, userId)),

  settle(event, draft, limit) {
    const active = activeOf(event, draft.list(HOLDS));
    const due = active.filter(({ expiresAt }) => expiresAt <= draft.now).slice(0, limit);
    for (const hold of due) endHold(draft, event, hold, 'expired');
    // Holds after the last one that was read may be due as well, even where commands in time have left few to settle.
    const unread = activeOf(event, draft.listRead(HOLDS))[limit];
    const ends = [active[due.length], unread].flatMap((hold) => hold?.expiresAt ?? []);
    const next = ends.length > 0 ? Math.min(...ends) : undefined;
    if (next !== undefined && next <= draft.now) draft.fallBehind(event.id);
    draft.changeEvent(event.id, { nextHoldExpiresAt: next });
  },
};

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
  decide: ({ eventId }, draft) =>
    draft.isBehind(eventId) ? undefined : { kind: 'done', result: null, isReplay: false },
};
