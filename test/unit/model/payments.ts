import { isDeepStrictEqual } from 'node:util';
import type { Call } from './calls.js';
import type { Note } from './faults.js';
import type { Model, PaymentEnd } from './model.js';
import { type CommittedState, holdsIn } from './simulated-store.js';

/** What a caller is told whose payment has to be given back. */
const REFUNDED = ['already_paid', 'hold_expired', 'wrong_state'];

/** Notes in the model how payments have ended, which moves no ticket. What has ended stays so. */
export function settlePayments(
  { model, calls }: { readonly model: Model; readonly calls: readonly Call[] },
  state: CommittedState,
  number: number,
  note: Note,
): void {
  for (const { id, settlements } of holdsIn(state).values()) {
    const one = model.find(id);
    if (!one) continue;
    const stored = settlements.map(({ reference, reason }): [string, PaymentEnd] => [reference, reason ?? 'booked']);
    const known = [...one.payments];
    if (!isDeepStrictEqual(stored.slice(0, known.length), known)) note('paid twice', `commit ${number}: ${id}`);
    for (const [reference, end] of stored.slice(known.length)) {
      const text = `commit ${number}: ${id}, ${reference} ${end}`;
      const askers = calls.filter((call) => isPayment(call, id, reference) && call.asked < number);
      if (askers.length === 0) note('unbalanced books', `${text}, which nobody has sent`);
      const isSecond = end === 'booked' && (!one.isBooked || [...one.payments.values()].includes('booked'));
      if (isSecond || model.findPaid(reference)) note('paid twice', text);
      one.payments.set(reference, end);
    }
  }
}

/** Whether the payment of a call has ended as its caller was told. */
export function isPaidAsTold(model: Model, { answer, bookingId, payment }: Call): boolean {
  if (payment === undefined || !answer || answer.kind === 'error') return true;
  const end = model.find(bookingId)?.payments.get(payment);
  if (answer.kind === 'granted') return end === 'booked';
  return !REFUNDED.includes(answer.code) || (end !== undefined && end !== 'booked');
}

function isPayment({ does, bookingId, payment }: Call, id: string, reference: string): boolean {
  return does === 'confirm' && bookingId === id && payment === reference;
}
