import { type CommandKind, refuse } from '../../bookings/index.js';
import { eventNotFound } from '../../events/index.js';
import { type Hold, HOLDS } from '../hold.js';
import { mayBecome } from '../hold-states.js';
import { holdNotFound, wrongState } from '../holds.problems.js';
import { endHold } from './hold-moves.js';
import { type AboutHold, followHolder, goesFirst, holdLookups, isInTime } from './about-hold.js';

export interface ReleaseCommand extends AboutHold {
  readonly kind: 'releaseHold';
}

export const release: CommandKind<ReleaseCommand, Hold> = {
  kind: 'releaseHold',

  lookups: holdLookups,
  follow: followHolder,
  goesFirst,
  isInTime,

  decide({ eventId, holdId, at }, draft) {
    const hold = draft.find(HOLDS, holdId);
    const event = draft.findEvent(eventId);
    if (!hold) return refuse(holdNotFound(holdId));
    if (!event) return refuse(eventNotFound(eventId));
    if (hold.status === 'released') return { kind: 'done', result: hold, isReplay: false };
    // It may not be stored as expired yet: the planner then decides this refusal again after more has ended.
    const status = hold.status === 'active' && hold.expiresAt <= at ? 'expired' : hold.status;
    if (!mayBecome(status, 'released')) return refuse(wrongState(status, 'released'));
    return { kind: 'done', result: endHold(draft, event, hold, 'released'), isReplay: false };
  },
};
