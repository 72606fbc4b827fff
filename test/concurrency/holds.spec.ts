import { describe } from '@jest/globals';
import { UserTicketsRepository } from '../../src/bookings/store/user-tickets.repository.js';
import { HoldsRepository } from '../../src/holds/store/holds.repository.js';
import type { Answer, Api } from '../support/api.js';
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
} from '../support/hold-races.js';
import { claim, compare, itHolds, times } from '../support/race.js';
import { withKinds } from '../support/registrations.js';
import type { RunningApp } from '../support/start-app.js';
import { without } from '../support/without.js';

const HOLD_KEYS = without('keys in the holds', HoldsRepository, 'insert', (insert) => (tx, holds) => {
  const keyless = holds.map((hold) => ({ ...hold, idempotency: undefined }));
  return insert(tx, keyless);
});
const KEYS = withKinds('the key of a confirmation', ['confirmHold'], (kind) => ({
  decide: (command, draft) => kind.decide({ ...command, idempotency: undefined } as typeof command, draft),
}));
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

describe('100 wishes for one hold with one key, to two instances', () => {
  itHolds(
    'are one hold, and the same answer for all',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 1_000 });

        const answers = await Promise.all(times(100, (caller) => holdOnce(apis(caller), event._id, 'cart-1')));

        return [
          ...checkVerdicts('a wish', ['201'], answers),
          ...compare('different holds', 1, new Set(answers.map(({ body }) => body.hold?._id as string)).size),
          ...compare('holds', 1, await running.db.collection('holds').countDocuments()),
        ];
      }),
    [HOLD_KEYS],
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
    [STATE],
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
    [KEYS],
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
    [STATE],
  );
});

describe('80 holds and 80 bookings of 60 tickets at the same time, to two instances', () => {
  itHolds('take every ticket once, and no more', (running) =>
    onTwo(running, async (apis) => {
      const event = await running.api.createEvent({ totalTickets: 60 });

      const answers = await Promise.all(
        times(160, (caller) => {
          const [api, user] = [apis(Math.floor(caller / 2)), { userId: `user${caller}` }];
          return untilAnswered(() => (caller % 2 === 0 ? api.hold(event._id, user) : api.book(event._id, user)));
        }),
      );

      const held = await running.db.collection('holds').countDocuments({ status: 'active' });
      return [
        ...checkVerdicts('a wish', ['201', '409 sold_out'], answers),
        ...compare('wishes granted', 60, answers.filter(({ status }) => status === 201).length),
        ...compare('tickets held and sold', 60, held + (await countSold(running.db, event._id))),
      ];
    }),
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

/** Holds with a key as the contract tells a caller to: repeated until no other request with the key is under way. */
async function holdOnce(api: Api, eventId: string, key: string): Promise<Answer> {
  for (;;) {
    const answer = await untilAnswered(() => api.hold(eventId, {}, { 'idempotency-key': key }));
    if (answer.body.code !== 'idempotency_in_progress') return answer;
    await new Promise((done) => setTimeout(done, 50 + Math.random() * 200));
  }
}

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
