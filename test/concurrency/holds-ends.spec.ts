import { describe } from '@jest/globals';
import type { Answer } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import {
  answersOf,
  checkEnd,
  checkVerdicts,
  confirm,
  ENDS,
  extend,
  holdAll,
  onTwo,
  skipping,
  STATE,
  storedHold,
  TTL_SECONDS,
} from '../support/hold-races.js';
import { checkAnswers, claim, compare, itHolds, times } from '../support/race.js';
import { decideOn, withKinds } from '../support/registrations.js';
import { SkippingClock } from '../support/skipping-clock.js';
import type { RunningApp } from '../support/start-app.js';

const EXTENSIONS = withKinds('a record of extensions', ['extendHold'], (kind) =>
  decideOn(kind, () => ({ put: () => undefined })),
);

describe('confirmations of holds that end meanwhile, and bookings of their tickets, on two instances', () => {
  itHolds(
    'sell every ticket once: a hold is confirmed or expired, as its caller was told',
    (running) =>
      onTwo(running, async (apis) => {
        const [event, ids] = await holdAll(running, 20);
        const buy = (count: number) => times(count, (caller) => apis(caller).bookUntilAnswered(event._id));
        const pay = (from: number, to: number) =>
          ids.slice(from, to).map(async (id, index) => ({ id, answer: await confirm(apis(index), id) }));

        const early = [...pay(0, 6), ...pay(0, 6).reverse()];
        const before = buy(30);
        await Promise.race(early);
        SkippingClock.of(running).skip(TTL_SECONDS);
        const around = pay(6, 12);
        const booked = await Promise.all([...before, ...buy(30)]);
        const confirmed = await Promise.all([...early, ...around]);
        // The tickets of these are gone; those of the last two holds, nobody has confirmed.
        confirmed.push(...(await Promise.all(pay(12, 18))));
        const last = await Promise.all(buy(20));

        const ends = await Promise.all(ids.slice(0, 18).map((id) => checkEnd(running, id, answersOf(confirmed, id))));
        return [
          ...ends.flat(),
          ...(await checkAnswers(running, [...booked, ...last])),
          ...compare('tickets sold', 20, await countSold(running.db, event._id)),
        ];
      }),
    [STATE, ENDS],
    skipping,
  );
});

describe('extensions of holds that end meanwhile, and bookings of their tickets, on two instances', () => {
  itHolds(
    'keep a hold or come too late, and each caller is told which',
    (running) =>
      onTwo(running, async (apis) => {
        const [event, ids] = await holdAll(running, 12);
        const buy = (count: number) => times(count, (caller) => apis(caller).bookUntilAnswered(event._id));
        const keep = (from: number, to: number) =>
          times(2 * (to - from), async (caller) => {
            const id = ids[from + Math.floor(caller / 2)]!;
            return { id, answer: await extend(apis(caller), id, 10 * TTL_SECONDS) };
          });

        const early = keep(0, 5);
        await Promise.race(early);
        SkippingClock.of(running).skip(TTL_SECONDS);
        const around = keep(5, 8);
        const booked = await Promise.all(buy(24));
        const extended = await Promise.all([...early, ...around]);
        // Nobody has asked for the last ones in time.
        extended.push(...(await Promise.all(keep(0, 12))));

        const kept = new Set(extended.filter(({ answer }) => answer.status === 200).map(({ id }) => id));
        const faults = await Promise.all(ids.map((id) => checkKept(running, id, answersOf(extended, id))));
        const soldBefore = await countSold(running.db, event._id);
        SkippingClock.of(running).skip(11 * TTL_SECONDS);
        const last = await Promise.all(buy(12));
        return [
          ...faults.flat(),
          ...(await checkAnswers(running, [...booked, ...last])),
          ...compare('tickets sold while some are held', 12 - kept.size, soldBefore),
          ...compare('tickets sold', 12, await countSold(running.db, event._id)),
        ];
      }),
    [EXTENSIONS, ENDS],
    skipping,
  );
});

/** What is wrong where the answers to extensions are not those of the state that the hold has in the books. */
async function checkKept(running: RunningApp, id: string, answers: readonly Answer[]): Promise<string[]> {
  const { status } = await storedHold(running, id);
  if (status === 'active') return checkVerdicts(`extension of ${id}, which is kept`, ['200'], answers);
  return [
    ...claim(`${id} is active or expired: ${status}`, status === 'expired'),
    ...checkVerdicts(`extension of ${id}, which has ended`, ['410 hold_expired'], answers),
  ];
}
