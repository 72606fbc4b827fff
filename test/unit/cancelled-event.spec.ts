import { describe, expect, it } from '@jest/globals';
import { changesOf } from '../../src/bookings/decide/planner.js';
import type { ExtendCommand } from '../../src/holds/decide/extend.js';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import { anEdit, planEdits } from '../support/edit-plan.js';
import { aBooking, aConfirmation, anEvent, counts, EVENT_ID, idOf, NOW, storedHold } from '../support/factories.js';

const HOLD_ID = idOf(1);
const LATER = NOW + 600_000;
const SETTLE = { kind: 'settleHolds', eventId: EVENT_ID };

function anExtension(ttlSeconds: number): ExtendCommand {
  return {
    kind: 'extendHold',
    eventId: EVENT_ID,
    holdId: HOLD_ID,
    userId: 'user123',
    ttlSeconds,
    maxHoldSeconds: 3_600,
    at: NOW,
    expiresAt: LATER,
  };
}

describe('a cancelled event with more holds than one transaction may end', () => {
  const holds = [1, 2, 3, 4].map((number) => storedHold(idOf(number), { expiresAt: LATER + number }));
  const last = storedHold(idOf(9), { expiresAt: LATER + 900 });
  const event = anEvent({ ...counts(5, 0, 5), status: 'cancelled', nextHoldExpiresAt: LATER });
  const plan = planEdits([aBooking(idOf(0xb), 1), aConfirmation(last.id, 'pay-1'), SETTLE], {
    event,
    holds: [...holds.slice(0, 3), last],
    dueMax: 2,
  });

  it('gives back as many as it may, and goes on in the next transaction', () => {
    expect(plan.lines).toEqual(['released 1', 'released 1']);
    expect(plan.verdicts[2]).toBe('waits');
    expect(plan.eventsAfter[0]).toMatchObject({ ...counts(7, 0, 3), nextHoldExpiresAt: NOW });
  });

  it('refuses bookings at once: what it refuses does not depend on its tickets', () => {
    expect(plan.verdicts[0]).toBe('not_on_sale');
  });

  it('stores the refund of a payment at once, though the hold is still to be given back', () => {
    expect(plan.verdicts[1]).toBe('wrong_state');
    const paid = changesOf(plan, HOLDS).updated.find(({ after }) => after.id === last.id)?.after;
    expect(paid).toMatchObject({
      status: 'active',
      settlements: [{ reference: 'pay-1', outcome: 'refund_due', reason: 'wrong_state' }],
    });
  });

  it('has no more time to wait for: it is cancelled alone, before anything is given back', () => {
    const onSale = { ...event, status: 'on_sale' as const };
    const cancelled = planEdits([anEdit(idOf(0xed), { status: 'cancelled' }), SETTLE], { event: onSale, holds });
    expect([cancelled.verdicts, cancelled.lines]).toEqual([['done', 'waits'], []]);
  });
});

describe('an extension of a hold', () => {
  it.each<Hold['status']>(['active', 'confirmed'])('of a cancelled event that is stored as %s is refused', (status) => {
    const given = { event: anEvent({ status: 'cancelled' }), holds: [storedHold(HOLD_ID, { status })] };
    const { outcomes, movements } = planEdits([anExtension(900)], given);
    const message = `A hold that is ${status === 'active' ? 'released' : status} can not become active`;
    expect(outcomes).toMatchObject([{ kind: 'refused', problem: { code: 'wrong_state', message } }]);
    expect(movements).toEqual([]);
  });

  it('that changes nothing depends on the event all the same', () => {
    const { verdicts, movements, reliedOn } = planEdits([anExtension(1)], { holds: [storedHold(HOLD_ID)] });
    expect([verdicts, movements, reliedOn]).toEqual([['done'], [], [EVENT_ID]]);
  });
});
