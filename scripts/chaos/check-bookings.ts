import { checkStored } from './check-stored.js';
import type { Cancellation, FinalBooking, FinalState, History } from './history.js';
import type { Violation } from './violation.js';

/** What is wrong between what callers were told of their bookings and the bookings that are stored. */
export function checkBookings(
  { intents, cancellations, holds, waits }: History,
  { bookings }: FinalState,
): Violation[] {
  const holders = new Set([...holds, ...waits].map(({ userId }) => userId));
  return [
    ...checkStored(
      'booking',
      intents,
      bookings.filter(({ userId }) => !holders.has(userId)),
    ),
    ...checkCancellations(cancellations, bookings),
  ];
}

function checkCancellations(cancellations: readonly Cancellation[], bookings: readonly FinalBooking[]): Violation[] {
  const byId = new Map(bookings.map((booking) => [booking.id, booking]));
  const called = new Set<string>();
  const violations: Violation[] = [];
  for (const { bookingId, attempts } of cancellations) {
    if (attempts.some(({ answer }) => answer.kind !== 'unchanged')) called.add(bookingId);
    const isAcknowledged = attempts.some(({ answer }) => answer.kind === 'cancelled');
    if (isAcknowledged && byId.get(bookingId)?.status !== 'cancelled') {
      violations.push({ kind: 'lost_cancellation', detail: `${bookingId}, whose cancellation was acknowledged` });
    }
  }
  for (const { id, status } of bookings) {
    if (status === 'cancelled' && !called.has(id)) {
      violations.push({ kind: 'uncalled_cancellation', detail: `${id}, which nobody can have cancelled` });
    }
  }
  return violations;
}
