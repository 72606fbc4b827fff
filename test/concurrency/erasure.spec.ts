import { describe } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { UserTicketsRepository } from '../../src/bookings/store/user-tickets.repository.js';
import { countSold } from '../support/check-books.js';
import { bookAll, cancelAll, cancelPart, transfer } from '../support/change-races.js';
import { collectionsWith, erase, findHalves, PSEUDONYMS, pseudonymsIn, ZOE } from '../support/erasure-races.js';
import { checkVerdicts, confirm, makeHold, onTwo, release } from '../support/hold-races.js';
import { HeldLaneFactory, withHeldLanes } from '../support/lanes.js';
import { claim, compare, itHolds, times, WALLS, withAnother } from '../support/race.js';
import { decideOn, withKinds } from '../support/registrations.js';
import { without } from '../support/without.js';

/** Nothing makes a command conflict that has read something of the user. */
const EVENT = withKinds('a write of the event', ['eraseUser'], (kind) =>
  decideOn(kind, () => ({ touch: () => undefined })),
);
/** The longest that a booking waits for an erasure. */
const PAUSE_MS = 1_500;
/** The erasure of the event's user is committed between what a booking has read and what it writes. */
const withPauses = () => {
  const [known, erased] = [new Set<string>(), new Set<string>()];
  return {
    override: without('haste', UserTicketsRepository, 'read', (read) => async (tx, lookups) => {
      const counts = await read(tx, lookups);
      const eventIds = lookups.map(({ eventId }) => eventId);
      if (lookups.some(({ value }) => value.startsWith('erased-'))) {
        for (const eventId of eventIds) erased.add(eventId);
        return counts;
      }
      // The first one is there before the race begins.
      const racing = eventIds.filter((eventId) => known.has(eventId));
      for (const eventId of eventIds) known.add(eventId);
      const until = Date.now() + PAUSE_MS;
      const isErased = () => racing.every((eventId) => erased.has(eventId));
      while (!isErased() && Date.now() < until) await sleep(10);
      if (racing.length > 0) await sleep(200);
      return counts;
    }).override,
  };
};
const HOLDER = withKinds('the count of the user who has the hold now', ['releaseHold', 'confirmHold'], () => ({
  follow: () => [],
}));

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

describe('a user who is erased twice while everything happens to the tickets, on two instances', () => {
  itHolds(
    "is gone afterwards; what was bought meanwhile is the pseudonym's as a whole, or the user's",
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 400, maxTicketsPerUser: 60 });
        const zoes = times(4, () => ZOE);
        const cancelled = await bookAll(running.api, event._id, zoes, 2);
        const parts = await bookAll(running.api, event._id, zoes, 2);
        const given = await bookAll(running.api, event._id, zoes, 1);
        const got = await bookAll(
          running.api,
          event._id,
          times(4, (user) => `user${user}`),
          1,
        );
        const holds = await Promise.all(times(4, (caller) => makeHold(apis(caller), event._id, { userId: ZOE })));

        const [erasures, answers] = await Promise.all([
          Promise.all(times(2, (caller) => erase(apis(caller), ZOE))),
          Promise.all([
            ...times(12, (caller) => apis(caller).bookUntilAnswered(event._id, { userId: ZOE })),
            ...cancelled.map((id, caller) => cancelAll(apis(caller), id)),
            ...parts.map((id, caller) => cancelPart(apis(caller), id, 1, 'part')),
            ...given.map((id, caller) => transfer(apis(caller), id, `friend${caller}`)),
            ...got.map((id, caller) => transfer(apis(caller), id, ZOE)),
            ...holds.map((id, caller) => (caller % 2 === 0 ? confirm(apis(caller), id) : release(apis(caller), id))),
          ]),
        ]);
        const halves = await findHalves(running.db);
        const sold = await countSold(running.db, event._id);
        const last = await erase(apis(1), ZOE);

        return [
          ...checkVerdicts('a command', ['200', '201'], answers),
          ...checkVerdicts('an erasure', ['200'], [...erasures.flat(), ...last]),
          // 12 booked, 4 left of parts, 4 given, 4 got and 2 that were held.
          ...compare('tickets sold', 26, sold),
          ...compare('tickets sold, after the last erasure', 26, await countSold(running.db, event._id)),
          ...halves,
          ...(await findHalves(running.db)),
          ...claim(`the user is stored nowhere`, (await collectionsWith(running.db, ZOE)).length === 0),
        ];
      }),
    [WALLS],
  );
});

describe('a user without a count who is erased while buying, on two instances', () => {
  itHolds(
    'is counted for what is bought afterwards, and the pseudonym for what was bought before',
    (running) =>
      onTwo(running, async (apis) => {
        const ends = await Promise.all(
          times(20, async (index) => {
            const { _id } = await running.api.createEvent({ totalTickets: 20, maxTicketsPerUser: 6 });
            const userId = `user${index}`;
            await bookAll(running.api, _id, [userId], 4);
            // As it is for an event whose limit is new.
            await running.db.collection('userTickets').deleteMany({ eventId: new mongo.ObjectId(_id as string) });
            const [booked, erasure] = await Promise.all([
              Promise.all(times(4, () => apis(0).bookUntilAnswered(_id, { userId }))),
              erase(apis(1), userId),
            ]);
            return [
              ...checkVerdicts('booking', ['201', '409 user_limit_reached'], booked),
              ...checkVerdicts('erasure', ['200'], erasure),
            ];
          }),
        );
        return ends.flat();
      }),
    [EVENT],
    withPauses,
  );
});

describe('one user, erased four times at the same time on two instances', () => {
  itHolds(
    'gets one pseudonym, and every document is counted once in all answers',
    (running) =>
      onTwo(running, async (apis) => {
        const events = await Promise.all(times(15, () => running.api.createEvent({ totalTickets: 100 })));
        for (const { _id } of events) {
          await bookAll(
            running.api,
            _id,
            times(4, () => ZOE),
            2,
          );
        }
        const answers = (await Promise.all(times(4, (caller) => erase(apis(caller), ZOE)))).flat();
        const replaced = answers.map(({ body }) => body.replaced);
        return [
          ...checkVerdicts('an erasure', ['200'], answers),
          ...compare('pseudonyms', 1, (await pseudonymsIn(running.db)).length),
          ...compare('documents replaced', 60, sumOf(replaced)),
          ...claim(`the user is stored nowhere`, (await collectionsWith(running.db, ZOE)).length === 0),
        ];
      }),
    [PSEUDONYMS],
  );
});

describe('commands that were on their way when their user was erased', () => {
  itHolds(
    'count for the pseudonym',
    (running) =>
      withAnother(running, async (other) => {
        const event = await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 6 });
        const [released, confirmed] = [
          await makeHold(running.api, event._id, { userId: ZOE, quantity: 2 }),
          await makeHold(running.api, event._id, { userId: ZOE, quantity: 2 }),
        ];
        const [cancelled] = (await bookAll(running.api, event._id, [ZOE], 2)) as [string];
        const lane = HeldLaneFactory.of(other);
        lane.hold();
        const sent = [
          release(other.api, released),
          confirm(other.api, confirmed, { quantity: 1 }),
          cancelPart(other.api, cancelled, 1, 'part'),
        ];
        await lane.untilArrived(sent.length);
        const erased = await erase(running.api, ZOE);
        lane.release();
        const answers = await Promise.all(sent);
        const again = await running.api.bookUntilAnswered(event._id, { userId: ZOE, quantity: 6 });
        return [
          ...checkVerdicts('an erasure', ['200'], erased),
          ...checkVerdicts('a command', ['200', '201'], answers),
          ...checkVerdicts('a booking of the user who is back', ['201'], [again]),
          ...compare('tickets sold', 8, await countSold(running.db, event._id)),
          ...(await findHalves(running.db)),
        ];
      }),
    [HOLDER],
    () => ({ override: withHeldLanes() }),
  );
});
