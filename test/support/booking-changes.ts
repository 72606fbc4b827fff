import { type Booking, leftOf } from '../../src/bookings/booking.js';
import type { CancelCommand } from '../../src/bookings/decide/cancel.js';
import type { Outcome } from '../../src/bookings/decide/command.js';
import type { TransferCommand } from '../../src/bookings/decide/transfer.js';
import { aCancellation, anEvent, counts, EVENT_ID, idOf, storedBooking } from './factories.js';
import { type BookingCommand, type Given, planOf } from './plan.js';

/** The booking that is changed. */
export const FIRST = idOf(1);
/** Ids of changes. */
export const [ONE, TWO, THREE] = [idOf(0xc1), idOf(0xc2), idOf(0xc3)] as const;

export const sold = storedBooking(FIRST, [{ sectionId: undefined, quantity: 4 }]);
export const given: Given = { events: [anEvent(counts(0, 4))], bookings: [sold] };
/** ann has all that she may have, and her booking of four; bob has one. */
export const limited: Given = {
  events: [anEvent({ ...counts(10, 5), maxTicketsPerUser: 5 })],
  bookings: [{ ...sold, userId: 'ann' }],
  userTickets: countsOf({ ann: 4, bob: 1 }),
};

export const all = (changeId: string): CancelCommand => ({ ...aCancellation(FIRST), changeId });
export const part = (changeId: string, quantity: number, key = `key ${changeId}`): CancelCommand => ({
  ...all(changeId),
  lines: [{ sectionId: undefined, quantity }],
  idempotency: { key, fingerprint: `${quantity} tickets` },
});
export const transferTo = (to: string, changeId: string, userId: string | null = 'ann'): TransferCommand => {
  const { eventId, bookingId, by, at } = all(changeId);
  return { kind: 'transfer', eventId, bookingId, userId, changeId, by, at, to };
};

export function countsOf(users: Record<string, number>): Map<string, number> {
  return new Map(Object.entries(users).map(([userId, tickets]) => [`${EVENT_ID}/${userId}`, tickets]));
}

/** The code of a refusal, or who has how many tickets. */
export const verdicts = (outcomes: readonly Outcome<Booking>[]) =>
  outcomes.map((outcome) => {
    if (outcome.kind === 'refused') return outcome.problem.code;
    return `${outcome.result.userId} ${leftOf(outcome.result, undefined)}`;
  });

/** What a plan of these commands leaves to be read by the next one. */
export function after(commands: readonly BookingCommand[], before: Given): Given {
  const { stored, newChanges, eventsAfter, userTickets } = planOf(commands, before);
  return {
    events: eventsAfter,
    bookings: stored,
    changes: [...(before.changes ?? []), ...newChanges],
    userTickets: new Map([...(before.userTickets ?? []), ...userTickets]),
  };
}

/** The command, made while this user had the booking. */
export function madeFor<Made extends BookingCommand>(userId: string, command: Made): Made {
  return { ...command, userId };
}
