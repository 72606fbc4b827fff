import type { Problem } from '../../common/problem.js';
import type { Event } from '../../events/index.js';
import type { Hold, RefundReason, Settlement } from '../hold.js';
import { alreadyPaid, holdExpired, wrongState } from '../holds.problems.js';

/** The problem that a payment is refused with: the same for its repetitions, whatever becomes of the hold later. */
export function toRefusal(reason: RefundReason, holdId: string): Problem {
  switch (reason) {
    case 'hold_expired':
      return holdExpired(holdId);
    case 'wrong_state':
      return wrongState('released', 'confirmed');
    case 'already_paid':
      return alreadyPaid(holdId);
  }
}

/** Why the payment has to be given back. A settlement of an earlier release does not say: the hold as it is now has to. */
export function reasonOf({ reason }: Settlement, { status }: Hold, event: Event): RefundReason {
  if (reason !== undefined) return reason;
  if (status === 'confirmed') return 'already_paid';
  return status === 'released' || event.status === 'cancelled' ? 'wrong_state' : 'hold_expired';
}
