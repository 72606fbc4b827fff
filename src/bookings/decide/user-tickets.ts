import type { Event } from '../../events/index.js';
import type { Lookup } from './lookup.js';
import type { Draft } from './draft.js';
import type { Erasing } from './erasure-rule.js';
import { type Table, within } from './table.js';

/**
 * How many tickets a user has of an event. Kept for events that have, or once had, a limit for each user: counting the
 * user's bookings would cost as much as there are of them.
 */
export interface UserTickets {
  readonly eventId: string;
  readonly userId: string;
  readonly tickets: number;
  /** False where the count was made from the bookings just now, because none was stored; and where none shall be stored any more. */
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

/** Whether it is known how many tickets the user has, where the event keeps count. */
export function isCounted(draft: Draft, event: Event, userId: string): boolean {
  return !keepsCount(event) || draft.find(USER_TICKETS, within(event.id, userId)) !== undefined;
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

/**
 * What an erasure has to know: how many tickets the user has, and where they are counted from now on. The first one is read
 * also where the event keeps no count: one may be stored from an earlier time.
 */
export function erasureLookups(event: Event | undefined, { eventId, userId, pseudonym }: Erasing): readonly Lookup[] {
  return [{ table: USER_TICKETS.name, eventId, by: 'userId', value: userId }, ...userTicketsLookup(event, pseudonym)];
}

/**
 * Counts so many of the user's tickets for the pseudonym. Where those were all, the user's count goes: the next command that
 * needs one makes it from what the user has then. Returns whether there was a count to change.
 */
export function eraseUserTickets(
  draft: Draft,
  event: Event,
  { userId, pseudonym }: Erasing,
  tickets: number,
  isLast: boolean,
): boolean {
  if (tickets > 0) {
    addUserTickets(draft, event, userId, -tickets);
    addUserTickets(draft, event, pseudonym, tickets);
  }
  const count = draft.find(USER_TICKETS, within(event.id, userId));
  if (!isLast || !count?.isStored) return tickets > 0;
  draft.put(USER_TICKETS, { ...count, isStored: false });
  return true;
}

/** From the first limit on, and also while there is none any more: the next one needs the counts. */
export function keepsCount(event: Event): boolean {
  return event.countsUserTickets || event.maxTicketsPerUser !== undefined;
}
