import { Problem } from '../common/problem.js';
import type { HoldStatus } from './hold-states.js';

export function holdNotFound(id: string): Problem {
  return new Problem({
    status: 404,
    code: 'hold_not_found',
    title: 'Hold not found',
    message: 'Hold not found',
    detail: `There is no hold ${id}.`,
  });
}

/** Too late: the hold has ended, and its tickets can't be had any more. */
export function holdExpired(id: string): Problem {
  return new Problem({
    status: 410,
    code: 'hold_expired',
    title: 'Hold expired',
    message: 'This hold has expired',
    detail: `The hold ${id} has expired, and its tickets are no longer available.`,
  });
}

export function wrongState(from: HoldStatus, to: HoldStatus): Problem {
  return new Problem({
    status: 409,
    code: 'wrong_state',
    title: 'Wrong state',
    message: `A hold that is ${from} can not become ${to}`,
  });
}

export function tooManyHolds(limit: number): Problem {
  return new Problem({
    status: 409,
    code: 'too_many_holds',
    title: 'Too many holds',
    message: 'This user has too many holds',
    detail: `A user may have ${limit} active holds of one event: confirm or release one first.`,
  });
}

export function holdTooLong(seconds: number): Problem {
  return new Problem({
    status: 409,
    code: 'hold_too_long',
    title: 'Hold too long',
    message: 'This hold can not be extended so far',
    detail: `With all extensions, a hold lasts at most ${seconds} seconds from its beginning.`,
  });
}

/** The tickets of the hold were paid with another reference: this payment has to be given back. */
export function alreadyPaid(id: string): Problem {
  return new Problem({
    status: 409,
    code: 'already_paid',
    title: 'Already paid',
    message: 'This hold was paid for already',
    detail: `The hold ${id} was confirmed with another paymentReference. This payment is due for a refund.`,
  });
}

export function paymentReferenceReused(): Problem {
  return new Problem({
    status: 422,
    code: 'payment_reference_reused',
    title: 'Payment reference reused',
    message: 'This paymentReference belongs to another hold',
    detail: 'A paymentReference names one payment for one hold. Nothing was changed.',
  });
}
