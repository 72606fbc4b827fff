import type { Problem } from '../../common/problem.js';
import type { Event } from '../../events/index.js';
import { type BookingItem, type Line, quantityOf } from '../booking.js';
import {
  notEnoughTickets,
  notOnSale,
  sectionNotFound,
  sectionRequired,
  userLimitReached,
} from '../bookings.problems.js';
import { type Draft, findPool } from './draft.js';
import { ticketsOf } from './user-tickets.js';

/** Tickets that somebody wants. */
export interface Wish {
  readonly userId: string;
  /** One line for each pool. */
  readonly lines: readonly Line[];
  /** Whether the event's limit for each user does not apply; the tickets count all the same. */
  readonly ignoreUserLimit: boolean;
}

/** What is wanted, at today's prices; the problem where it can't be had. */
export function findItems(wish: Wish, event: Event, draft: Draft): readonly BookingItem[] | Problem {
  if (event.status !== 'on_sale') return notOnSale(event.status);
  const items: BookingItem[] = [];
  for (const { sectionId, quantity } of wish.lines) {
    const pool = findPool(event, sectionId);
    if (!pool) return sectionId === undefined ? sectionRequired() : sectionNotFound(sectionId, event.id);
    items.push({ sectionId, quantity, price: pool.price });
  }
  return findObstacle({ ...wish, lines: items }, event, draft) ?? items;
}

/** Why an event that is on sale can't give these tickets to this user; undefined where it can. */
export function findObstacle(wish: Wish, event: Event, draft: Draft): Problem | undefined {
  const short = wish.lines.find((line) => draft.available(event, line.sectionId) < line.quantity);
  if (short) return notEnoughTickets(draft.available(event, short.sectionId), short.quantity, short.sectionId);
  const limit = event.maxTicketsPerUser;
  if (limit === undefined || wish.ignoreUserLimit) return undefined;
  const [had, wanted] = [ticketsOf(draft, event, wish.userId), quantityOf(wish.lines)];
  return had + wanted > limit ? userLimitReached(limit, had, wanted) : undefined;
}
