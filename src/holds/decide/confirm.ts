import { type Idempotency, idempotencyKeyReused } from '../../common/idempotency.js';
import { Problem } from '../../common/problem.js';
import {
  addUserTickets,
  asBooked,
  type Booking,
  BOOKINGS,
  type BookingItem,
  type CommandKind,
  type Decision,
  type Draft,
  findClosure,
  findObstacle,
  keyName,
  type Line,
  type Lookup,
  pickItems,
  quantityOf,
  refuse,
} from '../../bookings/index.js';
import { type Event, eventNotFound } from '../../events/index.js';
import { type Hold, HOLDS, type Payment, paymentName, type RefundReason, type Settlement } from '../hold.js';
import { mayBecome } from '../hold-states.js';
import { holdNotFound, paymentReferenceReused } from '../holds.problems.js';
import { endHold, moveHeld } from './hold-moves.js';
import { type AboutHold, followHolder, goesFirst, holdLookups, isInTime } from './about-hold.js';
import { reasonOf, toRefusal } from './refunds.js';

/** The hold's tickets are bought: all of them, or those in `lines`. */
export interface ConfirmCommand extends AboutHold {
  readonly kind: 'confirmHold';
  readonly lines: readonly Line[] | undefined;
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly idempotency: Idempotency | undefined;
  readonly payment: Payment | undefined;
}

/** The booking, and whether this request has made it. */
export interface Confirmed {
  readonly booking: Booking;
  readonly isFirst: boolean;
}

const BOOKED = { outcome: 'booked', reason: undefined } as const;

export const confirm: CommandKind<ConfirmCommand, Confirmed> = {
  kind: 'confirmHold',

  lookups: (command, known) => [...holdLookups(command, known), ...toLookups(command)],

  follow(command, known, documents) {
    const { eventId, holdId } = command;
    const holds = (documents.get(HOLDS.name) ?? []) as readonly Hold[];
    const isConfirmed = holds.some(({ id, status }) => id === holdId && status === 'confirmed');
    return [
      ...followHolder(command, known, documents),
      ...(isConfirmed ? [{ table: BOOKINGS.name, eventId, by: 'id', value: holdId }] : []),
    ];
  },

  goesFirst,
  isInTime,

  decide(command, draft) {
    const { eventId, holdId, payment } = command;
    const hold = draft.find(HOLDS, holdId);
    const event = draft.findEvent(eventId);
    if (!hold) return refuse(holdNotFound(holdId));
    if (!event) return refuse(eventNotFound(eventId));
    const other = findOther(command, draft);
    if (other) return refuse(other);
    const earlier = payment && findSettlement(hold, payment);
    if (earlier?.outcome === 'refund_due') return refuse(toRefusal(reasonOf(earlier, hold, event), holdId));

    const booking = draft.find(BOOKINGS, holdId);
    if (hold.status === 'confirmed' && booking) return decideAgain(command, hold, booking, draft);
    // A cancelled event has given all of its holds up.
    if (event.status === 'cancelled') return refund(command, hold, 'wrong_state', draft);
    if (!mayBecome(hold.status, 'confirmed')) return refund(command, hold, 'wrong_state', draft);
    const items = command.lines ? pickItems(hold.items, command.lines, eventId) : hold.items;
    if (items instanceof Problem) return refuse(items);
    const isHeld = hold.status === 'active' && command.at < hold.expiresAt;
    return isHeld ? buyHeld(command, event, hold, items, draft) : buyAgain(command, event, hold, items, draft);
  },

  soldTickets: ({ booking, isFirst }) => (isFirst ? booking.quantity : 0),
};

/** What else may belong to the payment and the key. */
function toLookups({ eventId, payment, idempotency }: ConfirmCommand): Lookup[] {
  return [
    ...(payment ? [{ table: HOLDS.name, eventId, by: 'payment', value: JSON.stringify(payment) }] : []),
    ...(idempotency ? [{ table: BOOKINGS.name, eventId, by: 'key', value: idempotency.key }] : []),
  ];
}

/** The problem where the payment, or the key, belongs to another hold or booking. */
function findOther({ eventId, holdId, payment, idempotency }: ConfirmCommand, draft: Draft): Problem | undefined {
  const paid = payment && draft.find(HOLDS, paymentName(payment));
  if (paid && paid.id !== holdId) return paymentReferenceReused();
  const made = idempotency && draft.find(BOOKINGS, keyName(eventId, idempotency.key));
  const isSame = !made || (made.id === holdId && made.idempotency?.fingerprint === idempotency.fingerprint);
  return isSame ? undefined : idempotencyKeyReused();
}

/** The tickets are there: they were kept. Those that are not bought become available. */
function buyHeld(
  command: ConfirmCommand,
  event: Event,
  hold: Hold,
  items: readonly BookingItem[],
  draft: Draft,
): Decision<Confirmed> {
  const bought = new Map(items.map(({ sectionId, quantity }) => [sectionId, quantity]));
  const rest = hold.items
    .map(({ sectionId, quantity }) => ({ sectionId, quantity: quantity - (bought.get(sectionId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
  moveHeld(draft, event, hold, 'confirmed', items);
  if (rest.length > 0) {
    moveHeld(draft, event, hold, 'released', rest);
    addUserTickets(draft, event, hold.userId, -quantityOf(rest));
  }
  return finish(command, hold, items, draft);
}

/** The hold has ended, so this is a new purchase, at the price that was held. */
function buyAgain(
  command: ConfirmCommand,
  event: Event,
  hold: Hold,
  items: readonly BookingItem[],
  draft: Draft,
): Decision<Confirmed> {
  // What its own end frees may be for those who wait.
  if (hold.status === 'active' && draft.isBehind(event.id)) return undefined;
  const ended = hold.status === 'active' ? endHold(draft, event, hold, 'expired') : hold;
  const wish = { userId: hold.userId, lines: items, ignoreUserLimit: false, at: command.at };
  if (findClosure(event, command.at, draft) ?? findObstacle(wish, event, draft)) {
    return refund(command, ended, 'hold_expired', draft);
  }
  moveHeld(draft, event, ended, 'booked', items);
  addUserTickets(draft, event, hold.userId, quantityOf(items));
  return finish(command, ended, items, draft);
}

function finish(command: ConfirmCommand, hold: Hold, items: readonly BookingItem[], draft: Draft): Decision<Confirmed> {
  const booking: Booking = {
    id: hold.id,
    eventId: hold.eventId,
    userId: hold.userId,
    items,
    quantity: quantityOf(items),
    bought: undefined,
    changes: 0,
    status: 'confirmed',
    bookedAt: draft.now,
    cancelledAt: undefined,
    reference: command.reference ?? hold.reference,
    metadata: command.metadata ?? hold.metadata,
    idempotency: command.idempotency,
    soldBy: hold.soldBy,
  };
  draft.put(BOOKINGS, booking);
  draft.put(HOLDS, { ...settled(command, hold, BOOKED, draft), status: 'confirmed' });
  return { kind: 'done', result: { booking, isFirst: true }, isReplay: false };
}

/** The hold was confirmed before: by this payment, by another one, or without one. */
function decideAgain(command: ConfirmCommand, hold: Hold, booking: Booking, draft: Draft): Decision<Confirmed> {
  const { payment, idempotency } = command;
  if (payment && !findSettlement(hold, payment)) {
    const isPaid = hold.settlements.some(({ outcome }) => outcome === 'booked');
    if (isPaid) return refund(command, hold, 'already_paid', draft);
    draft.put(HOLDS, settled(command, hold, BOOKED, draft));
    draft.touch(hold.eventId);
  }
  const isReplay = idempotency !== undefined && booking.idempotency?.key === idempotency.key;
  return {
    kind: 'done',
    result: { booking: isReplay ? asBooked(booking) : booking, isFirst: isReplay },
    isReplay,
  };
}

/** Refuses, and stores that the payment, if there is one, has to be given back, and why. */
function refund(command: ConfirmCommand, hold: Hold, reason: RefundReason, draft: Draft): Decision<Confirmed> {
  if (draft.isBehind(command.eventId)) return undefined;
  if (command.payment && !findSettlement(hold, command.payment)) {
    draft.put(HOLDS, settled(command, hold, { outcome: 'refund_due', reason }, draft));
    draft.touch(hold.eventId);
  }
  return refuse(toRefusal(reason, hold.id));
}

function findSettlement({ settlements }: Hold, payment: Payment): Settlement | undefined {
  return settlements.find(({ by, reference }) => by === payment.by && reference === payment.reference);
}

function settled(
  { payment }: ConfirmCommand,
  hold: Hold,
  end: Pick<Settlement, 'outcome' | 'reason'>,
  draft: Draft,
): Hold {
  if (!payment) return hold;
  const settlement: Settlement = { ...payment, ...end, at: draft.now, settledAt: undefined };
  return { ...hold, settlements: [...hold.settlements, settlement] };
}
