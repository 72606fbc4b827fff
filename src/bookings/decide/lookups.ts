import type { Event } from '../../events/index.js';
import type { Command } from './planner.js';

/** Something that an event has many of, such as keys or users. */
export interface InEvent {
  readonly eventId: string;
  readonly name: string;
}

/** The bookings that the commands name and that may exist: the id of a new one is new, unless a commit has made it. */
export function namedBookings(commands: readonly Command[], mayHaveCommitted: boolean): string[] {
  return commands.filter(({ kind }) => mayHaveCommitted || kind !== 'book').map(({ bookingId }) => bookingId);
}

/** The keys that may have been used before. */
export function usedKeys(commands: readonly Command[]): InEvent[] {
  return commands.flatMap((command) =>
    command.kind === 'book' && command.idempotency ? [{ eventId: command.eventId, name: command.idempotency.key }] : [],
  );
}

/** Who wants tickets of an event that counts them for each user. */
export function limitedUsers(commands: readonly Command[], events: ReadonlyMap<string, Event>): InEvent[] {
  return commands.flatMap((command) =>
    command.kind === 'book' && events.get(command.eventId)?.maxTicketsPerUser !== undefined
      ? [{ eventId: command.eventId, name: command.userId }]
      : [],
  );
}
