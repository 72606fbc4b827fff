import { expect, it } from '@jest/globals';
import type { Command, CommandKind } from '../../src/bookings/decide/command.js';
import { planCommands } from '../../src/bookings/decide/planner.js';
import { cancel } from '../../src/bookings/decide/cancel.js';
import { confirm } from '../../src/holds/decide/confirm.js';
import { expireHolds, settleHolds } from '../../src/holds/decide/expire.js';
import { hold, type HoldCommand } from '../../src/holds/decide/hold.js';
import { release } from '../../src/holds/decide/release.js';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import { outcomesIn } from '../../src/holds/hold-outcomes.js';
import {
  aCancellation,
  aConfirmation,
  anEvent,
  byId,
  counts,
  EVENT_ID,
  idOf,
  NOW,
  storedHold,
} from '../support/factories.js';

const kinds = new Map([hold, confirm, release, settleHolds, cancel].map((kind) => [kind.kind, kind as CommandKind]));
const rules = { kinds, dueRules: [expireHolds], freeingRules: [], closingRules: [], dueMax: 10 };

const [FIRST, SECOND] = [idOf(1), idOf(2)];
const two = [{ sectionId: undefined, quantity: 2, price: undefined }];
const pair: Hold = storedHold(FIRST, { items: two, quantity: 2 });
const settle: Command = { kind: 'settleHolds', eventId: EVENT_ID };
const releaseOf = (holdId: string) => ({ kind: 'releaseHold', eventId: EVENT_ID, holdId, userId: 'user123', at: NOW });
const overdue = (id: string) => storedHold(id, { expiresAt: NOW - 1 });
const make: HoldCommand = {
  ...aConfirmation(FIRST, 'none'),
  kind: 'hold',
  lines: [{ sectionId: undefined, quantity: 1 }],
  ignoreUserLimit: false,
  ttlSeconds: 600,
  maxHoldsPerUser: 5,
  soldBy: undefined,
};

const cases: [string, readonly Command[], readonly Hold[], readonly string[]][] = [
  ['a hold is made', [make], [], ['created']],
  ['a hold is made and released at once', [make, releaseOf(FIRST)], [], ['created', 'released']],
  ['a hold is confirmed', [aConfirmation(FIRST, 'pay-1')], [pair], ['confirmed']],
  [
    'a part of a hold is confirmed, and cancelled',
    [{ ...aConfirmation(FIRST, 'pay-1'), lines: make.lines } as Command, aCancellation(FIRST)],
    [pair],
    ['confirmed'],
  ],
  ['a hold is released twice', [releaseOf(FIRST), releaseOf(FIRST)], [pair], ['released']],
  [
    'holds end beside a command for another',
    [make],
    [overdue(SECOND), overdue(idOf(3))],
    ['created', 'expired', 'expired'],
  ],
  ['nothing but the end of holds', [settle], [overdue(FIRST)], ['expired']],
  [
    'a hold that is overdue is paid late',
    [aConfirmation(FIRST, 'pay-1')],
    [overdue(FIRST)],
    ['confirmed_late', 'expired'],
  ],
  [
    'a hold that has ended is paid late',
    [aConfirmation(FIRST, 'pay-1')],
    [storedHold(FIRST, { status: 'expired', expiresAt: NOW - 1 })],
    ['confirmed_late'],
  ],
  ['a payment is refused', [aConfirmation(FIRST, 'pay-1')], [storedHold(FIRST, { status: 'released' })], []],
  ['nothing happens', [settle], [], []],
];

it.each(cases)('the outcomes of a plan where %s', (_what, commands, holds, expected) => {
  const held = holds.filter(({ status }) => status === 'active').reduce((sum, { quantity }) => sum + quantity, 0);
  const ends = holds.map(({ expiresAt }) => expiresAt);
  const event = anEvent({ ...counts(10, 0, held), nextHoldExpiresAt: ends.length > 0 ? Math.min(...ends) : undefined });
  const documents = new Map([[HOLDS.name, holds]]);
  const plan = planCommands(commands, { events: byId(event), documents }, rules, { now: NOW, mayHaveCommitted: false });
  expect(outcomesIn(plan)).toEqual(expected);
});
