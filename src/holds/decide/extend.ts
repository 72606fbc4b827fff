import { type CommandKind, refuse } from '../../bookings/index.js';
import { type Hold, HOLDS } from '../hold.js';
import { holdExpired, holdNotFound, holdTooLong, wrongState } from '../holds.problems.js';
import { type AboutHold, holdLookups, isInTime } from './about-hold.js';

export interface ExtendCommand extends AboutHold {
  readonly kind: 'extendHold';
  readonly ttlSeconds: number;
  /** With all extensions. */
  readonly maxHoldSeconds: number;
}

export const extend: CommandKind<ExtendCommand, Hold> = {
  kind: 'extendHold',

  lookups: holdLookups,
  isInTime,

  decide({ eventId, holdId, ttlSeconds, maxHoldSeconds, at }, draft) {
    const hold = draft.find(HOLDS, holdId);
    if (!hold) return refuse(holdNotFound(holdId));
    if (hold.status === 'expired' || (hold.status === 'active' && hold.expiresAt <= at))
      return refuse(holdExpired(holdId));
    if (hold.status !== 'active') return refuse(wrongState(hold.status, 'active'));
    // A cancelled event has given all of its holds up, also those that are not written so yet.
    if (draft.findEvent(eventId)?.status === 'cancelled') return refuse(wrongState('released', 'active'));
    const expiresAt = Math.max(hold.expiresAt, at + ttlSeconds * 1_000);
    if (expiresAt > hold.createdAt + maxHoldSeconds * 1_000) return refuse(holdTooLong(maxHoldSeconds));
    const extended = { ...hold, expiresAt };
    if (expiresAt > hold.expiresAt) {
      draft.put(HOLDS, extended);
      draft.touch(eventId);
    }
    return { kind: 'done', result: extended, isReplay: false };
  },
};
