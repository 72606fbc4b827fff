import type { Instant } from '../../common/clock.js';
import { type Command, type CommandKind, refuse, userTicketsLookup } from '../../bookings/index.js';
import { eventNotFound } from '../../events/index.js';
import { type Hold, HOLDS } from '../hold.js';
import { mayBecome } from '../hold-states.js';
import { holdNotFound, wrongState } from '../holds.problems.js';
import { endHold } from './hold-moves.js';
import { isKept } from './in-time.js';

export interface ReleaseCommand extends Command {
  readonly kind: 'releaseHold';
  readonly holdId: string;
  /** Whose hold it is. */
  readonly userId: string;
  readonly at: Instant;
}

export const release: CommandKind<ReleaseCommand, Hold> = {
  kind: 'releaseHold',

  lookups: ({ eventId, holdId, userId }, { events }) => [
    { table: HOLDS.name, eventId, by: 'id', value: holdId },
    ...userTicketsLookup(events.get(eventId), userId),
  ],

  isInTime: ({ holdId, at }, draft) => isKept(draft.find(HOLDS, holdId), at, draft),

  decide({ eventId, holdId }, draft) {
    const hold = draft.find(HOLDS, holdId);
    const event = draft.findEvent(eventId);
    if (!hold) return refuse(holdNotFound(holdId));
    if (!event) return refuse(eventNotFound(eventId));
    if (hold.status === 'released') return { kind: 'done', result: hold, isReplay: false };
    if (!mayBecome(hold.status, 'released')) return refuse(wrongState(hold.status, 'released'));
    return { kind: 'done', result: endHold(draft, event, hold, 'released'), isReplay: false };
  },
};
