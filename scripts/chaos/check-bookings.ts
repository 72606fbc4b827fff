import {
  acknowledgedIds,
  type Cancellation,
  type FinalBooking,
  type FinalState,
  type History,
  type Intent,
  type Line,
} from './history.js';
import { describe, type Violation } from './violation.js';

/** What is wrong between what callers were told of their bookings and the bookings that are stored. */
export function checkBookings({ intents, cancellations }: History, { bookings }: FinalState): Violation[] {
  const byId = new Map(bookings.map((booking) => [booking.id, booking]));
  const byUser = new Map<string, FinalBooking[]>();
  for (const booking of bookings) byUser.set(booking.userId, [...(byUser.get(booking.userId) ?? []), booking]);
  const users = new Set(intents.map(({ userId }) => userId));
  return [
    ...intents.flatMap((intent) => checkIntent(intent, byUser.get(intent.userId) ?? [], byId)),
    ...bookings.filter(({ userId }) => !users.has(userId)).map(phantom),
    ...checkCancellations(cancellations, byId),
  ];
}

function checkIntent(
  intent: Intent,
  found: readonly FinalBooking[],
  byId: ReadonlyMap<string, FinalBooking>,
): Violation[] {
  const violations: Violation[] = [];
  const report = (kind: Violation['kind']) =>
    violations.push({ kind, detail: `${describe(intent)}, stored: ${JSON.stringify(found)}` });
  const acknowledged = acknowledgedIds(intent);
  for (const id of acknowledged) {
    const booking = byId.get(id);
    if (!booking) report('lost_booking');
    else if (!isWanted(booking, intent)) report('altered_booking');
  }
  if (found.length > 1) report('doubled_booking');
  if (acknowledged.length === 0 && found.length > 0) {
    if (intent.attempts.some(({ answer }) => answer.kind === 'refused')) report('refused_but_booked');
    if (intent.attempts.every(({ answer }) => answer.kind === 'unchanged')) report('unchanged_but_booked');
  }
  return violations;
}

function isWanted(booking: FinalBooking, { userId, eventId, lines }: Intent): boolean {
  return booking.userId === userId && booking.eventId === eventId && toText(booking.lines) === toText(lines);
}

function toText(lines: readonly Line[]): string {
  return lines
    .map(({ poolId, quantity }) => `${poolId}×${quantity}`)
    .toSorted()
    .join();
}

function phantom(booking: FinalBooking): Violation {
  return { kind: 'phantom_booking', detail: `nobody asked for ${JSON.stringify(booking)}` };
}

function checkCancellations(
  cancellations: readonly Cancellation[],
  byId: ReadonlyMap<string, FinalBooking>,
): Violation[] {
  const called = new Set<string>();
  const violations: Violation[] = [];
  for (const { bookingId, attempts } of cancellations) {
    if (attempts.some(({ answer }) => answer.kind !== 'unchanged')) called.add(bookingId);
    const isAcknowledged = attempts.some(({ answer }) => answer.kind === 'cancelled');
    if (isAcknowledged && byId.get(bookingId)?.status !== 'cancelled') {
      violations.push({ kind: 'lost_cancellation', detail: `${bookingId}, whose cancellation was acknowledged` });
    }
  }
  for (const { id, status } of byId.values()) {
    if (status === 'cancelled' && !called.has(id)) {
      violations.push({ kind: 'uncalled_cancellation', detail: `${id}, which nobody can have cancelled` });
    }
  }
  return violations;
}
