import { expect, it } from '@jest/globals';
import { book } from '../../src/bookings/decide/book.js';
import { planCommands, type Rules } from '../../src/bookings/decide/planner.js';
import { expireHolds, settleHolds } from '../../src/holds/decide/expire.js';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import { aBooking, anEvent, byId, counts, EVENT_ID, idOf, NOW } from '../support/factories.js';

const RULES: Rules = {
  kinds: new Map([book, settleHolds].map((kind) => [kind.kind, kind])),
  dueRules: [expireHolds],
  freeingRules: [],
  closingRules: [],
  dueMax: 1,
};

function dueHold(number: number): Hold {
  return {
    id: idOf(number),
    eventId: EVENT_ID,
    userId: `user${number}`,
    items: [{ sectionId: undefined, quantity: 1, price: undefined }],
    quantity: 1,
    status: 'active',
    createdAt: NOW - 2_000,
    ttlSeconds: 1,
    expiresAt: NOW - 1_000,
    reference: undefined,
    metadata: undefined,
    idempotency: undefined,
    soldBy: undefined,
    settlements: [],
    isOffer: false,
  };
}

it('a command that waits until all overdue holds have ended does not delay the bookings behind it', () => {
  const event = anEvent({ ...counts(7, 0, 3), nextHoldExpiresAt: NOW - 1_000 });
  const documents = new Map([[HOLDS.name, [dueHold(1), dueHold(2), dueHold(3)]]]);
  const commands = [{ kind: 'settleHolds', eventId: EVENT_ID }, aBooking(idOf(9), 1)];

  const { outcomes } = planCommands(commands, { events: byId(event), documents }, RULES, {
    now: NOW,
    mayHaveCommitted: false,
  });

  expect(outcomes.map((outcome) => outcome?.kind)).toEqual([undefined, 'done']);
});
