import {
  type Command,
  type CommandKind,
  type Draft,
  type Known,
  type Lookup,
  userTicketsLookup,
} from '../../bookings/index.js';
import type { Instant } from '../../common/clock.js';
import { type Hold, HOLDS } from '../hold.js';

/** A command about one hold. */
export interface AboutHold extends Command {
  readonly holdId: string;
  /** Whose hold it is. */
  readonly userId: string;
  /** When it arrived: it is in time if the hold had not ended then. */
  readonly at: Instant;
  /** When the hold was to end, as it was read then. */
  readonly expiresAt: Instant;
}

/** Longer than a command waits in a queue. */
const LAST_MOMENTS_MS = 10_000;

/** In time, and in the last moments: a wait behind those who want tickets could make it late, and it takes none of theirs. */
export function goesFirst({ at, expiresAt }: AboutHold): boolean {
  return at < expiresAt && expiresAt <= at + LAST_MOMENTS_MS;
}

/** The hold, and what its user has: the hold may be due. */
export function holdLookups({ eventId, holdId, userId }: AboutHold, { events }: Known): Lookup[] {
  return [{ table: HOLDS.name, eventId, by: 'id', value: holdId }, ...userTicketsLookup(events.get(eventId), userId)];
}

type Follow = NonNullable<CommandKind<Pick<AboutHold, 'kind' | 'eventId' | 'holdId' | 'userId'>>['follow']>;

/** What the user has whose hold it is now: since the command was made, its user may have been erased. */
export const followHolder: Follow = ({ eventId, holdId, userId }, { events }, documents) => {
  const holds = (documents.get(HOLDS.name) ?? []) as readonly Hold[];
  const hold = holds.find(({ id }) => id === holdId);
  return hold && hold.userId !== userId ? userTicketsLookup(events.get(eventId), hold.userId) : [];
};

/** Whether the command arrived before the end of its hold, which is due by now. */
export function isInTime({ holdId, at }: AboutHold, draft: Draft): boolean {
  const hold = draft.find(HOLDS, holdId);
  return hold?.status === 'active' && at < hold.expiresAt && hold.expiresAt <= draft.now;
}
