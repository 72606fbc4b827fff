import { type Idempotency, idempotencyKeyReused } from '../../common/idempotency.js';
import { Problem } from '../../common/problem.js';
import {
  type Booking,
  type BookingItem,
  BOOKINGS,
  leftOf,
  type Line,
  purchaseOf,
  quantityOf,
  toLine,
} from '../booking.js';
import { asChanged, BOOKING_CHANGES } from '../booking-change.js';
import { bookingNotFound, eventNotFound, sectionNotFound } from '../bookings.problems.js';
import { type AboutBooking, bookingLookups, followUser, putChange } from './about-booking.js';
import { moveBooking } from './booking-moves.js';
import type { CommandKind, Outcome } from './command.js';
import { type Draft, findPool } from './draft.js';
import { pickItems } from './pick-items.js';
import { refuse } from './refuse.js';
import { within } from './table.js';

/** Tickets are given back: all that are left, or those in `lines`. */
export interface CancelCommand extends AboutBooking {
  readonly kind: 'cancel';
  readonly lines: readonly Line[] | undefined;
  readonly reason: string | undefined;
  /** A part has to have one: repeated, it would return more. */
  readonly idempotency: Idempotency | undefined;
}

/** The booking, and how many tickets this request has returned. */
export interface Cancelled {
  readonly booking: Booking;
  readonly returned: number;
}

export const cancel: CommandKind<CancelCommand, Cancelled> = {
  kind: 'cancel',

  lookups(command, known) {
    const { eventId, bookingId, idempotency } = command;
    const byKey = { table: BOOKING_CHANGES.name, eventId, by: 'key' };
    return [
      ...bookingLookups(command, known),
      ...(idempotency ? [{ ...byKey, value: within(bookingId, idempotency.key) }] : []),
    ];
  },

  follow: followUser,

  decide(command, draft) {
    const { bookingId, lines, reason, idempotency, at } = command;
    const booking = draft.find(BOOKINGS, bookingId);
    if (!booking) return refuse(bookingNotFound(bookingId));
    const earlier = findEarlier(command, booking, draft);
    if (earlier) return earlier;
    const event = draft.findEvent(booking.eventId);
    if (!event) return refuse(eventNotFound(booking.eventId));
    const returned = lines ? pickReturned(booking, lines) : booking.items;
    if (returned instanceof Problem) return refuse(returned);
    const gone = returned.find(({ sectionId }) => !findPool(event, sectionId));
    if (gone) return refuse(sectionNotFound(gone.sectionId ?? 'without an id', event.id));

    const changed = without(booking, returned, at);
    moveBooking(draft, event, booking, 'cancelled', returned);
    const change = { kind: 'cancelled', lines: returned.map(toLine), reason, idempotency, from: undefined } as const;
    putChange(draft, command, changed, change);
    return { kind: 'done', result: { booking: changed, returned: quantityOf(returned) }, isReplay: false };
  },

  soldTickets: ({ returned }) => -returned,
};

/** The answer where an earlier attempt, an earlier request with the same key, or anybody before has done it. */
function findEarlier(command: CancelCommand, booking: Booking, draft: Draft): Outcome<Cancelled> | undefined {
  const { bookingId, changeId, idempotency, lines } = command;
  const byKey = idempotency && draft.find(BOOKING_CHANGES, within(bookingId, idempotency.key));
  const made = draft.find(BOOKING_CHANGES, changeId) ?? byKey;
  if (made) {
    const [isReplay, result] = [made.id !== changeId, { booking: asChanged(booking, made), returned: 0 }];
    if (!isReplay) return { kind: 'done', result: { ...result, returned: quantityOf(made.lines) }, isReplay };
    if (made.idempotency?.fingerprint !== idempotency?.fingerprint) return refuse(idempotencyKeyReused());
    return { kind: 'done', result, isReplay };
  }
  const isDone = lines === undefined && booking.status === 'cancelled';
  return isDone ? { kind: 'done', result: { booking, returned: 0 }, isReplay: false } : undefined;
}

function pickReturned(booking: Booking, lines: readonly Line[]): readonly BookingItem[] | Problem {
  return pickItems(purchaseOf(booking).items, lines, booking.eventId, ({ sectionId }) => leftOf(booking, sectionId));
}

/** The booking without these tickets. Its items stay as they are when they were the last: they were returned, not kept. */
function without(booking: Booking, returned: readonly Line[], at: number): Booking {
  const gone = new Map(returned.map(({ sectionId, quantity }) => [sectionId, quantity]));
  const items = booking.items
    .map((item) => ({ ...item, quantity: item.quantity - (gone.get(item.sectionId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
  const changes = booking.changes + 1;
  if (items.length === 0) return { ...booking, changes, status: 'cancelled', cancelledAt: at };
  return { ...booking, changes, items, quantity: quantityOf(items), bought: purchaseOf(booking) };
}
