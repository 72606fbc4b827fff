import { type CommandKind, refuse } from '../../bookings/index.js';
import { eventNotFound } from '../../events/index.js';
import { type Hold, HOLDS } from '../hold.js';
import { mayBecome } from '../hold-states.js';
import { holdNotFound, wrongState } from '../holds.problems.js';
import { endHold } from './hold-moves.js';
import { type AboutHold, holdLookups, isInTime } from './about-hold.js';

export interface ReleaseCommand extends AboutHold {
  readonly kind: 'releaseHold';
}

export const release: CommandKind<ReleaseCommand, Hold> = {
  kind: 'releaseHold',

  lookups: holdLookups,
  isInTime,

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
