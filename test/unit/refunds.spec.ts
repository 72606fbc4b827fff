import { describe, expect, it } from '@jest/globals';
import { changesOf } from '../../src/bookings/decide/planner.js';
import { confirm } from '../../src/holds/decide/confirm.js';
import { type Hold, HOLDS, type RefundReason } from '../../src/holds/hold.js';
import { aConfirmation, anEvent, counts, idOf, NOW, storedBooking, storedHold } from '../support/factories.js';
import { type Given, planOf } from '../support/plan.js';

const HOLD_ID = idOf(1);

/** The code that the confirmation with this payment is refused with, and the hold as it is then. */
function pay(reference: string, hold: Hold, given: Given = {}): [code: string | undefined, hold: Hold] {
  const plan = planOf([aConfirmation(HOLD_ID, reference)], { ...given, holds: [hold] }, [confirm]);
  const [outcome] = plan.outcomes;
  const { updated } = changesOf(plan, HOLDS);
  return [outcome!.kind === 'refused' ? outcome!.problem.code : undefined, updated[0]?.after ?? hold];
}

const soldOut = { events: [anEvent(counts(0, 10))] };
const booked = { bookings: [storedBooking(HOLD_ID, [{ sectionId: undefined, quantity: 1 }])] };
const ended = storedHold(HOLD_ID, { status: 'expired', expiresAt: NOW - 1 });

describe('a payment that has to be given back', () => {
  const refusals: [RefundReason, Hold, Given][] = [
    ['hold_expired', ended, soldOut],
    ['wrong_state', storedHold(HOLD_ID, { status: 'released' }), {}],
    ['wrong_state', ended, { events: [anEvent({ status: 'cancelled' })] }],
  ];

  it.each(refusals)('hears %s however often it is sent, whatever becomes of the hold', (code, hold, given) => {
    const [first, refused] = pay('pay-1', hold, given);
    expect([first, refused.settlements]).toEqual([
      code,
      [{ by: '', reference: 'pay-1', outcome: 'refund_due', reason: code, at: NOW, settledAt: undefined }],
    ]);
    for (const status of ['expired', 'released', 'confirmed'] as const) {
      expect(pay('pay-1', { ...refused, status }, booked)[0]).toBe(code);
      expect(pay('pay-1', { ...refused, status }, soldOut)[0]).toBe(code);
    }
  });

  it('hears already_paid where another payment has booked the hold', () => {
    const [none, paid] = pay('pay-1', ended);
    expect([none, paid.status, paid.settlements[0]]).toMatchObject([undefined, 'confirmed', { outcome: 'booked' }]);
    const [first, refused] = pay('pay-2', paid, booked);
    expect([first, refused.settlements[1]]).toMatchObject(['already_paid', { reason: 'already_paid' }]);
    expect(pay('pay-2', refused, booked)[0]).toBe('already_paid');
    expect(pay('pay-1', refused, booked)[0]).toBeUndefined();
  });

  it.each([
    ['already_paid', 'confirmed', 'on_sale'],
    ['wrong_state', 'released', 'on_sale'],
    ['wrong_state', 'expired', 'cancelled'],
    ['hold_expired', 'expired', 'on_sale'],
  ] as const)('hears %s where an earlier release has stored no reason for a hold that is %s', (code, status, of) => {
    const settlement = { by: '', reference: 'pay-1', outcome: 'refund_due', reason: undefined } as const;
    const hold = { ...ended, status, settlements: [{ ...settlement, at: NOW, settledAt: undefined }] };
    expect(pay('pay-1', hold, { events: [anEvent({ status: of })], ...booked })).toEqual([code, hold]);
  });
});
