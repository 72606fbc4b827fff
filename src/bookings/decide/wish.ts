import type { Instant } from '../../common/clock.js';
import type { Problem } from '../../common/problem.js';
import { endedUpTo, type Event, queueOf } from '../../events/index.js';
import { type BookingItem, type Line, quantityOf } from '../booking.js';
import {
  bookingLimitReached,
  notEnoughTickets,
  notOnSale,
  queuedAhead,
  saleEnded,
  saleNotStarted,
  sectionNotFound,
  sectionRequired,
  userLimitReached,
} from '../bookings.problems.js';
import type { Postponed } from './command.js';
import { type Draft, findPool } from './draft.js';
import { postpone } from './refuse.js';
import { ticketsOf } from './user-tickets.js';

/** Tickets that somebody wants. */
export interface Wish {
  readonly userId: string;
  /** One line for each pool. */
  readonly lines: readonly Line[];
  /** Whether the event's limit for each user does not apply; the tickets count all the same. */
  readonly ignoreUserLimit: boolean;
  /** When it arrived. */
  readonly at: Instant;
  /** Whether it has waited in the event's queue until it was the first there. */
  readonly isFirstInQueue?: true;
}

/** Postpones a wish while requests wait in the queue of its event that came before. Undefined where none does. */
export function waitForQueue({ isFirstInQueue }: Wish, event: Event, draft: Draft): Postponed | undefined {
  // Requests that this transaction has queued came later.
  const { lastNumber } = queueOf(draft.eventAsRead(event.id));
  if (isFirstInQueue || endedUpTo(queueOf(event)) >= lastNumber) return undefined;
  draft.relyOn(event.id);
  return postpone(queuedAhead());
}

/** What is wanted, at today's prices; the problem where it can't be had. */
export function findItems(wish: Wish, event: Event, draft: Draft): readonly BookingItem[] | Problem {
  const closed = findClosure(event, wish.at, draft);
  if (closed) return closed;
  const tooMany = findBookingLimit(wish, event);
  if (tooMany) return tooMany;
  const items: BookingItem[] = [];
  for (const { sectionId, quantity } of wish.lines) {
    const pool = findPool(event, sectionId);
    if (!pool) return sectionId === undefined ? sectionRequired() : sectionNotFound(sectionId, event.id);
    items.push({ sectionId, quantity, price: pool.price });
  }
  return findObstacle({ ...wish, lines: items }, event, draft) ?? items;
}

/** Why the event sells nothing to who came at `at`; undefined where it does. A wait in the queue makes nobody late. */
export function findClosure(event: Event, at: Instant, draft: Draft): Problem | undefined {
  const { status, salesStartAt, salesEndAt } = event;
  if (status !== 'on_sale') return notOnSale(status);
  if (salesStartAt !== undefined && draft.now < salesStartAt) return saleNotStarted(salesStartAt);
  if (salesEndAt !== undefined && at >= salesEndAt) return saleEnded(salesEndAt);
  return undefined;
}

/** Why an event that is on sale can't give these tickets to this user; undefined where it can. */
export function findObstacle(wish: Wish, event: Event, draft: Draft): Problem | undefined {
  const short = wish.lines.find((line) => draft.available(event, line.sectionId) < line.quantity);
  if (short) return notEnoughTickets(draft.available(event, short.sectionId), short.quantity, short.sectionId);
  return wish.ignoreUserLimit ? undefined : findLimit(wish, event, draft);
}

/** Why so many tickets are too many: for one booking of this event, or for this user. Undefined where they are not. */
export function findLimits(wish: Pick<Wish, 'userId' | 'lines'>, event: Event, draft: Draft): Problem | undefined {
  return findBookingLimit(wish, event) ?? findLimit(wish, event, draft);
}

function findBookingLimit({ lines }: Pick<Wish, 'lines'>, event: Event): Problem | undefined {
  const [most, wanted] = [event.maxTicketsPerBooking, quantityOf(lines)];
  return most !== undefined && wanted > most ? bookingLimitReached(most, wanted) : undefined;
}

function findLimit({ userId, lines }: Pick<Wish, 'userId' | 'lines'>, event: Event, draft: Draft): Problem | undefined {
  const limit = event.maxTicketsPerUser;
  if (limit === undefined) return undefined;
  const [had, wanted] = [ticketsOf(draft, event, userId), quantityOf(lines)];
  return had + wanted > limit ? userLimitReached(limit, had, wanted) : undefined;
}
