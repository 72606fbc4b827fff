import { type Command, type CommandKind, refuse } from '../../bookings/index.js';
import { type Hold, HOLDS, isRefundDue } from '../hold.js';
import { holdNotFound } from '../holds.problems.js';

/** The shop has given back what was paid for nothing. */
export interface SettleRefundsCommand extends Command {
  readonly kind: 'settleRefunds';
  readonly holdId: string;
}

export const settleRefunds: CommandKind<SettleRefundsCommand, Hold> = {
  kind: 'settleRefunds',

  lookups: ({ eventId, holdId }) => [{ table: HOLDS.name, eventId, by: 'id', value: holdId }],

  decide({ eventId, holdId }, draft) {
    const hold = draft.find(HOLDS, holdId);
    if (!hold) return refuse(holdNotFound(holdId));
    if (!hold.settlements.some(isRefundDue)) return { kind: 'done', result: hold, isReplay: false };
    const settlements = hold.settlements.map((each) => (isRefundDue(each) ? { ...each, settledAt: draft.now } : each));
    const settled = { ...hold, settlements };
    draft.put(HOLDS, settled);
    draft.touch(eventId);
    return { kind: 'done', result: settled, isReplay: false };
  },
};
