import { describe } from '@jest/globals';
import { UserTicketsRepository } from '../../src/bookings/store/user-tickets.repository.js';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import { HoldsRepository } from '../../src/holds/store/holds.repository.js';
import type { Answer } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import {
  checkConfirmed,
  checkVerdicts,
  confirm,
  makeHold,
  onTwo,
  release,
  STATE,
  storedHold,
  untilAnswered,
  verdictOf,
} from '../support/hold-races.js';
import { claim, compare, itHolds, times, WALLS } from '../support/race.js';
import { decideOn, showing, withKinds } from '../support/registrations.js';
import type { RunningApp } from '../support/start-app.js';
import { without } from '../support/without.js';

const KEYS = withKinds('the key of a confirmation', ['confirmHold'], (kind) => ({
  decide: (command, draft) => kind.decide({ ...command, idempotency: undefined } as typeof command, draft),
}));
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
const COUNT = without('the count of what a user has', UserTicketsRepository, 'read', (_read, counts) => {
  counts.insert = () => Promise.resolve();
  return () => Promise.resolve([]);
});
const OWN_HOLDS = without('the holds that a user has', HoldsRepository, 'read', (read) => (tx, lookups) => {
  return read(
    tx,
    lookups.filter(({ by }) => by !== 'user'),
  );
});

describe('100 confirmations of one hold at the same time, to two instances', () => {
  itHolds(
    'are one booking, one first answer, and the same booking for all others',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 10 });
        const id = await makeHold(running.api, event._id, { quantity: 2 });

        const answers = await Promise.all(times(100, (caller) => confirm(apis(caller), id)));

        return [
          ...checkConfirmed(id, answers),
          ...compare('bookings', 1, await running.db.collection('bookings').countDocuments()),
          ...compare('tickets sold', 2, await countSold(running.db, event._id)),
        ];
      }),
    [WALLS, STATE],
  );

  itHolds(
    'with one key, all get the first answer',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 10 });
        const id = await makeHold(running.api, event._id);
        const key = { 'idempotency-key': 'order-1' };

        const answers = await Promise.all(times(100, (caller) => confirm(apis(caller), id, {}, key)));

        return [
          ...checkVerdicts('confirmation', ['201'], answers),
          ...compare('different answers', 1, new Set(answers.map(({ body }) => JSON.stringify(body))).size),
          ...compare('tickets sold', 1, await countSold(running.db, event._id)),
        ];
      }),
    [WALLS, KEYS],
  );
});

describe('confirmations and releases of the same holds, to two instances', () => {
  itHolds(
    'have one winner for each hold, and the books say which',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 40 });
        const ids = await Promise.all(
          times(20, (user) => makeHold(running.api, event._id, { userId: `user${user}`, quantity: 2 })),
        );

        const ends = await Promise.all(
          ids.map(async (id, index) => {
            const sends = [confirm(apis(index), id), release(apis(index + 1), id)];
            sends.push(release(apis(index), id), confirm(apis(index + 1), id));
            const [first, second, third, last] = await Promise.all(sends);
            return { id, confirms: [first!, last!], releases: [second!, third!] };
          }),
        );

        const faults = await Promise.all(ends.map((end) => checkWinner(running, end)));
        const confirmed = ends.filter(({ confirms }) => confirms.some(({ body }) => body.booking)).length;
        return [...faults.flat(), ...compare('tickets sold', 2 * confirmed, await countSold(running.db, event._id))];
      }),
    [WALLS, STATE],
  );
});

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
    [WALLS, SETTLEMENTS],
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

describe('holds and bookings of one user at the same time, on two instances', () => {
  itHolds(
    'never exceed the limit of the event together',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 1_000, maxTicketsPerUser: 4 });

        const answers = await Promise.all(
          times(200, (caller) => {
            const api = apis(Math.floor(caller / 2));
            return untilAnswered(() => (caller % 2 === 0 ? api.hold(event._id) : api.book(event._id)));
          }),
        );

        const held = await running.db.collection('holds').countDocuments({ status: 'active' });
        return [
          ...checkVerdicts('a wish', ['201', '409 user_limit_reached'], answers),
          ...compare('wishes granted', 4, answers.filter(({ status }) => status === 201).length),
          ...compare('tickets of the user', 4, held + (await countSold(running.db, event._id))),
        ];
      }),
    [COUNT],
  );

  itHolds(
    'are not more than 5 holds at once, also while some are confirmed and released',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 1_000 });
        const storm = () => times(50, (caller) => untilAnswered(() => apis(caller).hold(event._id)));
        const countActive = () => running.db.collection('holds').countDocuments({ status: 'active' });

        const first = await Promise.all(storm());
        const active = await countActive();
        const ids = first.flatMap(({ body }) => (body.hold ? [body.hold._id as string] : []));
        const ends = ids.map((id, index) => (index % 2 === 0 ? confirm : release)(apis(index), id));
        const [during, ended] = await Promise.all([Promise.all(storm()), Promise.all(ends)]);
        const last = await Promise.all(storm());

        return [
          ...checkVerdicts('a wish', ['201', '409 too_many_holds'], [...first, ...during, ...last]),
          ...checkVerdicts('an end', ['200', '201'], ended),
          ...compare('holds of the first 50', 5, active),
          ...compare('holds in the end', 5, await countActive()),
        ];
      }),
    [OWN_HOLDS],
  );
});

interface Ends {
  readonly id: string;
  readonly confirms: readonly Answer[];
  readonly releases: readonly Answer[];
}

/** What is wrong where the answers are not those of the end that the hold has in the books. */
async function checkWinner(running: RunningApp, { id, confirms, releases }: Ends): Promise<string[]> {
  const { status } = await storedHold(running, id);
  if (status === 'confirmed') {
    return [...checkConfirmed(id, confirms), ...checkVerdicts(`release of ${id}`, ['409 wrong_state'], releases)];
  }
  return [
    ...claim(`${id} is confirmed or released: ${status}`, status === 'released'),
    ...checkVerdicts(`release of ${id}`, ['200'], releases),
    ...checkVerdicts(`confirmation of ${id}`, ['409 wrong_state'], confirms),
  ];
}

function checkSettlements(
  settlements: readonly { paymentReference: string; outcome: string }[],
  expected: readonly string[],
): string[] {
  const found = settlements.map(({ paymentReference, outcome }) => `${paymentReference} ${outcome}`);
  return claim(`the settlements are ${expected}: ${found}`, [...found].sort().join() === [...expected].sort().join());
}
