import { describe } from '@jest/globals';
import type { Answer, Api } from '../support/api.js';
import { cancelAll } from '../support/change-races.js';
import { edit } from '../support/edit-races.js';
import { checkVerdicts, onTwo, verdictOf } from '../support/hold-races.js';
import { claim, compare, type Control, itHolds, times } from '../support/race.js';
import { replaced, withClosingRules } from '../support/registrations.js';
import {
  checkNeverPublic,
  checkOrder,
  entriesOf,
  joinAll,
  join,
  revisionOf,
  soldOut,
  whileHammered,
  WITHHOLDING,
} from '../support/waitlist-races.js';

/** What becomes free while nothing is sold is for everybody, later. */
const KEEPING: Control = withClosingRules('a place for what becomes free in a pause', (rule) => ({
  close: (draft) => {
    const isPaused = draft.events.some(({ status }) => status === 'paused');
    rule.close(isPaused ? replaced(draft, { withheldOf: () => 0 }) : draft);
  },
}));

describe('a capacity that goes up and down while users wait and others try to book, on two instances', () => {
  itHolds(
    'gives what is new to those who wait, and to nobody else at any revision',
    (running) =>
      onTwo(running, async (apis) => {
        const [eventId] = await soldOut(running, 4);
        const quantities = times(12, (user) => 1 + (user % 3));
        for (const [user, quantity] of quantities.entries()) {
          await join(running.api, eventId, `user${user}`, quantity);
        }
        // For every number of tickets there is somebody whom they fit.
        await joinAll(
          running.api,
          eventId,
          times(30, (user) => `one${user}`),
        );
        const after = await revisionOf(running, eventId);

        const edits: Answer[] = [];
        const buyers = await whileHammered(apis, eventId, async () => {
          edits.push(...(await Promise.all([resize(apis(0), eventId), resize(apis(1), eventId)])).flat());
        });

        const { totalTickets, heldTickets, soldTickets } = (await running.api.get(`/events/${eventId}`)).body.event;
        return [
          ...buyers,
          ...checkVerdicts('an edit', ['200', '409 capacity_in_use'], edits),
          ...claim(
            'some were refused',
            edits.some((answer) => verdictOf(answer) === '409 capacity_in_use'),
          ),
          ...compare('held and sold', totalTickets, heldTickets + soldTickets),
          ...(await checkNeverPublic(running, eventId, after)),
          ...(await checkOrder(running, eventId)),
        ];
      }),
    [WITHHOLDING],
  );
});

describe('a capacity that goes down while tickets are kept for those who wait, on two instances', () => {
  itHolds(
    'is refused below what is sold and kept, and what is kept is offered',
    (running) =>
      onTwo(running, async (apis) => {
        const [eventId, bookings] = await soldOut(running, 10);
        const ids = await joinAll(
          running.api,
          eventId,
          times(10, (user) => `user${user}`),
        );
        const after = await revisionOf(running, eventId);
        await edit(apis(0), eventId, { status: 'paused' });

        const [smaller, cancelled] = await Promise.all([
          Promise.all(times(8, (caller) => edit(apis(caller), eventId, { totalTickets: 9 }))),
          Promise.all(bookings.map((id, caller) => cancelAll(apis(caller), id))),
        ]);
        const resumed = await edit(apis(1), eventId, { status: 'on_sale' });

        const offered = (await entriesOf(running, eventId)).filter(({ status }) => status === 'offered');
        return [
          ...checkVerdicts('a smaller capacity', ['409 capacity_in_use'], smaller),
          ...checkVerdicts('a cancellation', ['200'], cancelled),
          ...checkVerdicts('going on', ['200'], [resumed]),
          ...(await checkOrder(running, eventId)),
          ...claim('all are offered', offered.map(({ _id }) => String(_id)).join() === ids.join()),
          ...(await checkNeverPublic(running, eventId, after)),
        ];
      }),
    [WITHHOLDING, KEEPING],
  );
});

describe('an event that is paused and goes on while bookings are cancelled and others try to book, on two instances', () => {
  itHolds(
    'keeps what becomes free for those who wait, and offers it when it goes on',
    (running) =>
      onTwo(running, async (apis) => {
        const [eventId, bookings] = await soldOut(running, 16);
        const ids = await joinAll(
          running.api,
          eventId,
          times(20, (user) => `user${user}`),
        );
        const after = await revisionOf(running, eventId);

        const edits: Answer[] = [];
        const buyers = await whileHammered(apis, eventId, async () => {
          const cancelling = bookings.map((id, index) => sometime(() => cancelAll(apis(index), id)));
          for (let number = 0; number < 8; number++) {
            edits.push(await edit(apis(number), eventId, { status: number % 2 === 0 ? 'paused' : 'on_sale' }));
          }
          await Promise.all(cancelling);
        });

        const order = await checkOrder(running, eventId);
        const offered = (await entriesOf(running, eventId)).filter(({ status }) => status === 'offered');
        return [
          ...buyers.filter((fault) => !fault.endsWith('409 not_on_sale')),
          ...checkVerdicts('an edit', ['200'], edits),
          ...order,
          ...claim(
            'the first are offered all',
            offered.map(({ _id }) => String(_id)).join() === ids.slice(0, 16).join(),
          ),
          ...(await checkNeverPublic(running, eventId, after)),
        ];
      }),
    [WITHHOLDING, KEEPING],
  );
});

/** An organiser wants one capacity after the other. */
async function resize(api: Api, eventId: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const totalTickets of [6, 5, 9, 7, 14, 10, 20]) answers.push(await edit(api, eventId, { totalTickets }));
  return answers;
}

async function sometime<Result>(act: () => Promise<Result>): Promise<Result> {
  await new Promise((done) => setTimeout(done, Math.random() * 300));
  return act();
}
