import { describe } from '@jest/globals';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import { HoldsRepository } from '../../src/holds/store/holds.repository.js';
import { countSold } from '../support/check-books.js';
import {
  answersOf,
  checkConfirmed,
  checkEnd,
  checkVerdicts,
  confirm,
  holdAll,
  makeHold,
  onTwo,
  skipping,
  storedHold,
  TTL_SECONDS,
  untilAnswered,
  verdictOf,
  withoutRefunds,
} from '../support/hold-races.js';
import { checkAnswers, claim, compare, itHolds, times } from '../support/race.js';
import { decideOn, showing, withKinds } from '../support/registrations.js';
import { SkippingClock } from '../support/skipping-clock.js';
import type { RunningApp } from '../support/start-app.js';
import { without } from '../support/without.js';

const SETTLEMENTS = withKinds('the earlier settlements', ['confirmHold'], (kind) =>
  decideOn(kind, (draft) => showing<Hold>(draft, HOLDS, (hold) => ({ ...hold, settlements: [] }))),
);
/** Every hold has its own shop, so that one payment is another one for each of them. */
const ONE_SHOP = without('one owner of a payment', HoldsRepository, 'update', (update) => (tx, changes) => {
  const own = ({ settlements, ...hold }: Hold) => ({
    ...hold,
    settlements: settlements.map((settlement) => ({ ...settlement, by: hold.id })),
  });
  return update(
    tx,
    changes.map(({ before, after }) => ({ before, after: own(after) })),
  );
});
const REFUNDS = withoutRefunds();

describe('two payments for one hold, 5 times each, to two instances', () => {
  itHolds(
    'have one end each: one has bought the hold, the other is due for a refund',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 20 });
        const ids = await Promise.all(
          times(10, (user) => makeHold(running.api, event._id, { userId: `user${user}`, quantity: 2 })),
        );
        const pay = (api: number, id: string, name: string) =>
          confirm(apis(api), id, { paymentReference: `${name}-${id}` });

        const ends = await Promise.all(
          ids.map(async (id, index) => {
            const one = Promise.all(times(5, (caller) => pay(index + caller, id, 'one')));
            const two = Promise.all(times(5, (caller) => pay(index + caller + 1, id, 'two')));
            return { id, one: await one, two: await two };
          }),
        );

        const faults = await Promise.all(
          ends.map(async ({ id, one, two }) => {
            const { settlements = [] } = (await running.api.get(`/holds/${id}`)).body.hold;
            const [bought, refunded] = one.some(({ body }) => body.booking) ? [one, two] : [two, one];
            const [isBought, isRefunded] = bought === one ? ['one', 'two'] : ['two', 'one'];
            return [
              ...checkConfirmed(id, bought),
              ...checkVerdicts(`second payment for ${id}`, ['409 already_paid'], refunded),
              ...checkSettlements(settlements, [`${isBought}-${id} booked`, `${isRefunded}-${id} refund_due`]),
            ];
          }),
        );
        return [...faults.flat(), ...compare('tickets sold', 20, await countSold(running.db, event._id))];
      }),
    [SETTLEMENTS],
  );
});

describe('one payment for two holds of two events, to two instances', () => {
  itHolds(
    'buys one of them, and leaves the other as it is',
    (running) =>
      onTwo(running, async (apis) => {
        const events = await Promise.all(times(2, () => running.api.createEvent({ totalTickets: 20 })));
        const pairs = await Promise.all(
          times(10, (user) =>
            Promise.all(events.map(({ _id }) => makeHold(running.api, _id, { userId: `user${user}` }))),
          ),
        );

        const answers = await Promise.all(
          pairs.map((ids, pair) =>
            Promise.all(ids.map((id, index) => confirm(apis(index), id, { paymentReference: `pay-${pair}` }))),
          ),
        );

        const faults = answers.map((pair, index) => {
          const verdicts = pair.map(verdictOf).sort().join();
          return claim(`pair ${index} has one winner: ${verdicts}`, verdicts === '201,422 payment_reference_reused');
        });
        const sold = await Promise.all(events.map(({ _id }) => countSold(running.db, _id)));
        const active = await running.db.collection('holds').countDocuments({ status: 'active' });
        return [
          ...faults.flat(),
          ...compare('tickets sold', 10, sold[0]! + sold[1]!),
          ...compare('holds left as they were', 10, active),
        ];
      }),
    [ONE_SHOP],
  );
});

describe('late payments for holds that have ended, and bookings of their tickets, on two instances', () => {
  itHolds(
    'sell every ticket once, and every payment has one end for ever',
    (running) =>
      onTwo(running, async (apis) => {
        const [event, ids] = await holdAll(running, 12);
        const buy = (count: number) => times(count, (caller) => apis(caller).bookUntilAnswered(event._id));
        const pay = async (index: number, caller: number, name = 'pay') => {
          const answer = await confirm(apis(caller), ids[index]!, { paymentReference: `${name}-${index}` });
          return { id: ids[index]!, answer };
        };
        SkippingClock.of(running).skip(TTL_SECONDS);

        // Four payments at least come too late. Nobody pays for the last two holds before their tickets are gone.
        const first = await Promise.all(buy(6));
        const storm = times(20, (caller) => pay(caller % 10, Math.floor(caller / 10) + caller));
        const booked = [...first, ...(await Promise.all(buy(24)))];
        const paid = await Promise.all(storm);
        paid.push(...(await Promise.all([pay(10, 0), pay(10, 1)])));
        const sold = await countSold(running.db, event._id);
        const settlements = await settlementsOf(running, ids);

        // A ticket is there again: who was refunded does not get it, another payment does.
        const { body } = booked.find(({ status }) => status === 201)!;
        await untilAnswered(() => apis(0).post(`/bookings/${body.booking._id}/cancel`));
        const again = await Promise.all(times(22, (caller) => pay(caller % 11, Math.floor(caller / 11) + caller)));
        const unchanged = await settlementsOf(running, ids);
        const other = await pay(10, 0, 'other');

        const ends = await Promise.all(
          ids.slice(0, 10).map((id) => checkEnd(running, id, answersOf([...paid, ...again], id))),
        );
        return [
          ...ends.flat(),
          ...(await checkAnswers(running, booked)),
          ...checkVerdicts('payment for what is gone', ['410 hold_expired'], answersOf([...paid, ...again], ids[10]!)),
          ...compare('tickets sold at first', 12, sold),
          ...compare('settlements', 11, settlements.length),
          ...claim(`${settlements} stays: ${unchanged}`, settlements.join() === unchanged.join()),
          ...checkVerdicts('another payment', ['201'], [other.answer]),
          ...compare('tickets sold', 12, await countSold(running.db, event._id)),
        ];
      }),
    [REFUNDS],
    skipping,
  );
});

function checkSettlements(
  settlements: readonly { paymentReference: string; outcome: string }[],
  expected: readonly string[],
): string[] {
  const found = settlements.map(({ paymentReference, outcome }) => `${paymentReference} ${outcome}`);
  return claim(`the settlements are ${expected}: ${found}`, [...found].sort().join() === [...expected].sort().join());
}

/** Every payment of the holds and its end. */
async function settlementsOf(running: RunningApp, ids: readonly string[]): Promise<string[]> {
  const holds = await Promise.all(ids.map((id) => storedHold(running, id)));
  return holds.flatMap(({ settlements = [] }) =>
    settlements.map(({ reference, outcome }: Record<string, string>) => `${reference} ${outcome}`),
  );
}
