import { checkStored, isWanted, phantom } from './check-stored.js';
import { checkTimes } from './check-times.js';
import { groupBy } from './group-by.js';
import {
  type Answer,
  type FinalBooking,
  type FinalHold,
  type FinalState,
  type History,
  type HolderIntent,
  type HoldStatus,
  isCalled,
  isOverdue,
} from './history.js';
import { describeHolder, type Violation } from './violation.js';

/** What is wrong between what callers were told of their holds, and the holds and their bookings that are stored. */
export function checkHolds({ holds: intents, waits }: History, { holds, bookings, readAtMs }: FinalState): Violation[] {
  const waiters = new Set(waits.map(({ userId }) => userId));
  const holdOf = new Map(holds.map((hold) => [hold.userId, hold]));
  const bookingsOf = groupBy(bookings, ({ userId }) => userId);
  return [
    ...checkStored(
      'hold',
      intents,
      holds.filter(({ userId }) => !waiters.has(userId)),
    ),
    ...intents.flatMap((intent) => {
      const hold = holdOf.get(intent.userId);
      const booked = bookingsOf.get(intent.userId) ?? [];
      if (!hold) return booked.map((booking) => phantom('booking', booking));
      return [...checkBooked(intent, hold, booked), ...checkEnd(intent, hold), ...checkTimes(intent, hold)];
    }),
    ...holds.filter((hold) => isOverdue(hold, readAtMs)).map(overdue),
  ];
}

/** A confirmed hold has one booking, which has its id. No other hold has one. */
export function checkBooked(intent: HolderIntent, hold: FinalHold, booked: readonly FinalBooking[]): Violation[] {
  const [booking, ...others] = booked.toSorted(
    (one, other) => Number(other.id === hold.id) - Number(one.id === hold.id),
  );
  const isConfirmed = hold.status === 'confirmed';
  if (isConfirmed && booking?.id !== hold.id) {
    return [
      { kind: 'lost_booking', detail: `${describeHolder(intent)}, stored: ${JSON.stringify([hold, ...booked])}` },
    ];
  }
  if (!isConfirmed) return booked.map((one) => phantom('booking', one));
  const isAltered = booking !== undefined && !isWanted(booking, intent);
  return [
    ...(isAltered ? [{ kind: 'altered_booking', detail: JSON.stringify(booking) } as const] : []),
    ...others.map((one) => phantom('booking', one)),
  ];
}

/** The states that a hold may be in later, after this answer; undefined where that is any. */
function statesAfter(answer: Answer): readonly HoldStatus[] | undefined {
  if (answer.kind === 'booked') return ['confirmed'];
  if (answer.kind === 'released') return ['released'];
  if (answer.kind !== 'ended') return undefined;
  // Where the tickets are there, a payment that comes too late buys them.
  return answer.was === 'expired' ? ['expired', 'confirmed'] : [answer.was];
}

/** What was told once stays true. */
export function checkEnd(intent: HolderIntent, { id, status }: FinalHold): Violation[] {
  const violations: Violation[] = [];
  const report = (kind: Violation['kind']) =>
    violations.push({ kind, detail: `${id} is stored as ${status}, ${describeHolder(intent)}` });
  const told = intent.steps.flatMap(({ attempts }) => attempts);
  if (told.some(({ answer }) => statesAfter(answer)?.includes(status) === false)) report('contradicted');
  const confirmedAtMs = Math.min(...told.filter(({ answer }) => isConfirmed(answer)).map(({ endMs }) => endMs));
  const isTaken = told.some(({ startMs, answer }) => startMs > confirmedAtMs && statesAfter(answer)?.length === 2);
  if (isTaken) report('contradicted');
  if (status === 'released' && !isCalled(intent, 'release', 'leave')) report('uncalled_end');
  if (status === 'confirmed' && !isCalled(intent, 'confirm')) report('uncalled_end');
  return violations;
}

function isConfirmed(answer: Answer): boolean {
  return answer.kind === 'booked' || (answer.kind === 'ended' && answer.was === 'confirmed');
}

function overdue({ id, expiresAtMs }: FinalHold): Violation {
  return { kind: 'overdue_hold', detail: `${id} is still active; it ended at ${expiresAtMs.toFixed(1)} ms` };
}
