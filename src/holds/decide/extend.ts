import type { Instant } from '../../common/clock.js';
import { type Command, type CommandKind, refuse, userTicketsLookup } from '../../bookings/index.js';
import { type Hold, HOLDS } from '../hold.js';
import { holdExpired, holdNotFound, holdTooLong, wrongState } from '../holds.problems.js';
import { isKept } from './in-time.js';

export interface ExtendCommand extends Command {
  readonly kind: 'extendHold';
  readonly holdId: string;
  /** Whose hold it is. */
  readonly userId: string;
  readonly ttlSeconds: number;
  /** With all extensions. */
  readonly maxHoldSeconds: number;
  readonly at: Instant;
}

export const extend: CommandKind<ExtendCommand, Hold> = {
  kind: 'extendHold',

  lookups: ({ eventId, holdId, userId }, { events }) => [
    { table: HOLDS.name, eventId, by: 'id', value: holdId },
    ...userTicketsLookup(events.get(eventId), userId),
  ],

  isInTime: ({ holdId, at }, draft) => isKept(draft.find(HOLDS, holdId), at, draft),

  decide({ eventId, holdId, ttlSeconds, maxHoldSeconds, at }, draft) {
    const hold = draft.find(HOLDS, holdId);
    if (!hold) return refuse(holdNotFound(holdId));
    if (hold.status === 'expired' || (hold.status === 'active' && hold.expiresAt <= at))
      return refuse(holdExpired(holdId));
    if (hold.status !== 'active') return refuse(wrongState(hold.status, 'active'));
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
