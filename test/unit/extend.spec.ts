import { describe, expect, it } from '@jest/globals';
import { extend, type ExtendCommand } from '../../src/holds/decide/extend.js';
import type { Hold } from '../../src/holds/hold.js';
import { anEvent, EVENT_ID, idOf, NOW, storedHold } from '../support/factories.js';
import { planOf } from '../support/plan.js';

const HOLD_ID = idOf(1);
const command: ExtendCommand = {
  kind: 'extendHold',
  eventId: EVENT_ID,
  holdId: HOLD_ID,
  userId: 'user123',
  ttlSeconds: 900,
  maxHoldSeconds: 3_600,
  at: NOW,
};

describe('an extension', () => {
  it.each<[Hold['status'], string]>([
    ['active', 'A hold that is released'],
    ['confirmed', 'A hold that is confirmed'],
  ])('of a hold of a cancelled event that is stored as %s is refused', (status, message) => {
    const holds = [storedHold(HOLD_ID, { status })];
    const { outcomes, movements } = planOf([command], { events: [anEvent({ status: 'cancelled' })], holds }, [extend]);
    expect(outcomes).toMatchObject([
      { kind: 'refused', problem: { code: 'wrong_state', message: expect.stringContaining(message) } },
    ]);
    expect(movements).toEqual([]);
  });

  it('that changes nothing depends on the event all the same', () => {
    const shorter: ExtendCommand = { ...command, ttlSeconds: 1 };
    const { outcomes, movements, refusing } = planOf([shorter], { holds: [storedHold(HOLD_ID)] }, [extend]);
    expect(outcomes).toMatchObject([{ kind: 'done' }]);
    expect([movements, refusing]).toEqual([[], [EVENT_ID]]);
  });
});
