import type { Event } from '../../events/index.js';
import type { Lookup } from './lookup.js';
import type { Draft } from './draft.js';
import { type Table, within } from './table.js';

/**
 * How many tickets a user has of an event. Kept for events that have, or once had, a limit for each user: counting the
 * user's bookings would cost as much as there are of them.
 */
export interface UserTickets {
  readonly eventId: string;
  readonly userId: string;
  readonly tickets: number;
  /** False where the count was made from the bookings just now, because none was stored. */
  readonly isStored: boolean;
}

export const USER_TICKETS: Table<UserTickets> = {
  name: 'userTickets',
  namesOf: ({ eventId, userId }) => [within(eventId, userId)],
};

/** The count of this user's tickets, where the event keeps one. */
export function userTicketsLookup(event: Event | undefined, userId: string | null): readonly Lookup[] {
  if (!event || userId === null || !keepsCount(event)) return [];
  return [{ table: USER_TICKETS.name, eventId: event.id, by: 'userId', value: userId }];
}

/** How many tickets the user has. A count that was not stored yet will be, so that it is made only once. */
export function ticketsOf(draft: Draft, event: Event, userId: string): number {
  const count = draft.find(USER_TICKETS, within(event.id, userId));
  if (count && !count.isStored && count.tickets > 0) {
    draft.put(USER_TICKETS, { ...count, isStored: true });
    draft.touch(event.id);
  }
  return count?.tickets ?? 0;
}

/** Adds to what the user has, or takes from it, where the event keeps count. */
export function addUserTickets(draft: Draft, event: Event, userId: string | null, tickets: number): void {
  if (userId === null || !keepsCount(event)) return;
  const had = ticketsOf(draft, event, userId);
  draft.put(USER_TICKETS, { eventId: event.id, userId, tickets: had + tickets, isStored: true });
}

/** From the first limit on, and also while there is none any more: the next one needs the counts. */
function keepsCount(event: Event): boolean {
  return event.countsUserTickets || event.maxTicketsPerUser !== undefined;
}
