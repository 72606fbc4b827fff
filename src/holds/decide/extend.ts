import { type CommandKind, refuse } from '../../bookings/index.js';
import { type Hold, HOLDS } from '../hold.js';
import { holdExpired, holdNotFound, holdTooLong, wrongState } from '../holds.problems.js';
import { type AboutHold, followHolder, goesFirst, holdLookups, isInTime } from './about-hold.js';

export interface ExtendCommand extends AboutHold {
  readonly kind: 'extendHold';
  readonly ttlSeconds: number;
  /** With all extensions. */
  readonly maxHoldSeconds: number;
}

export const extend: CommandKind<ExtendCommand, Hold> = {
  kind: 'extendHold',

  lookups: holdLookups,
  follow: followHolder,
  goesFirst,
  isInTime,

  decide({ eventId, holdId, ttlSeconds, maxHoldSeconds, at }, draft) {
    const [hold, event] = [draft.find(HOLDS, holdId), draft.findEvent(eventId)];
    if (!hold) return refuse(holdNotFound(holdId));
    if (hold.status === 'expired' || (hold.status === 'active' && hold.expiresAt <= at))
      return refuse(holdExpired(holdId));
    // A cancelled event has given all of its holds up.
    const status = hold.status === 'active' && event?.status === 'cancelled' ? 'released' : hold.status;
    if (status !== 'active') return refuse(wrongState(status, 'active'));
    const expiresAt = Math.max(hold.expiresAt, at + ttlSeconds * 1_000);
    // Others wait for what is offered.
    const most = hold.isOffer ? hold.ttlSeconds : maxHoldSeconds;
    if (expiresAt > hold.createdAt + most * 1_000) return refuse(holdTooLong(most));
    const extended = { ...hold, expiresAt };
    if (expiresAt > hold.expiresAt) {
      draft.put(HOLDS, extended);
      draft.touch(eventId);
    } else draft.relyOn(eventId);
    return { kind: 'done', result: extended, isReplay: false };
  },
};
