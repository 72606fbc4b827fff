import { describe } from '@jest/globals';
import { countSold } from '../support/check-books.js';
import { connected, Hub, OWNER } from '../support/connected.js';
import { makeHold, untilAnswered } from '../support/hold-races.js';
import {
  bookedOf,
  checkAcknowledged,
  checkAnswers,
  claim,
  compare,
  type Control,
  itHolds,
  times,
  WALLS,
  withAnother,
} from '../support/race.js';
import { stoppingAt, StoppingPoint, stoppingWithoutGuard } from '../support/stopped-owner.js';
import { transactionsOf } from '../support/transactions-of.js';

const TICKETS = 60;

describe('two instances, of which one owns the events', () => {
  let hub: Hub;
  const start = () => {
    const options = connected();
    hub = options.hub;
    return options;
  };

  itHolds(
    'sell every ticket once, at the owner alone',
    (owner) =>
      withAnother(owner, async (other) => {
        const apis = [owner.api, other.api];
        const event = await owner.api.createEvent({ totalTickets: TICKETS });
        const answers = await Promise.all(
          times(2 * TICKETS, (caller) => apis[caller % 2]!.bookUntilAnswered(event._id, { userId: `user${caller}` })),
        );
        const held = await other.api.createEvent({ totalTickets: 3 });
        const holdId = await makeHold(other.api, held._id, {});
        const ends = [
          await untilAnswered(() => other.api.post(`/holds/${holdId}/confirm`)),
          await untilAnswered(() => other.api.post(`/bookings/${holdId}/cancel`)),
        ];
        return [
          ...(await checkAnswers(owner, answers)),
          ...checkAcknowledged(TICKETS, answers),
          ...compare('tickets sold', TICKETS, await countSold(owner.db, event._id)),
          ...compare('answers of the other about its hold', 2, ends.filter(({ status }) => status < 300).length),
          ...compare('transactions of the other', 0, await transactionsOf(other)),
        ];
      }),
    [OWNER],
    start,
  );

  itHolds(
    'sell on while the owner is silent, and nothing twice when it wakes',
    (owner) =>
      withAnother(owner, async (other) => {
        const event = await owner.api.createEvent({ totalTickets: TICKETS });
        const buy = (from: number, count: number) =>
          times(count, (caller) => other.api.bookUntilAnswered(event._id, { userId: `user${from + caller}` }));
        const before = await Promise.all(buy(0, 10));
        hub.silence();
        const meanwhile = buy(10, TICKETS / 2);
        // Long enough for what was sent to have expired.
        setTimeout(() => hub.wake(), 1_200);
        const late = await Promise.all([...meanwhile, ...times(TICKETS, () => owner.api.bookUntilAnswered(event._id))]);
        const answers = [...before, ...late];
        return [
          ...(await checkAnswers(owner, answers)),
          ...checkAcknowledged(TICKETS, answers),
          ...compare('tickets sold', TICKETS, await countSold(owner.db, event._id)),
          ...claim('the other has sold by itself', (await transactionsOf(other)) > 0),
        ];
      }),
    [WALLS],
    start,
  );

  const point = new StoppingPoint();
  const guardless: Control = { without: 'a guard', override: stoppingWithoutGuard(point) };
  itHolds(
    'sell nothing twice where the owner stops between its plan and its write, and wakes when others have sold',
    (owner) =>
      withAnother(owner, async (other) => {
        const event = await owner.api.createEvent({ totalTickets: 5 });
        // From now on the owner knows the event, and reads nothing before it writes.
        const first = await owner.api.bookUntilAnswered(event._id);
        const arrived = point.stopNext();
        const stopped = owner.api.bookUntilAnswered(event._id, { quantity: 4 });
        await arrived;
        hub.silence();
        const sold = await other.api.bookUntilAnswered(event._id, { quantity: 4 });
        hub.wake();
        point.goOn();
        const answers = [first, sold, await stopped];
        return [
          ...(await checkAnswers(owner, answers)),
          ...compare('tickets sold', 5, await countSold(owner.db, event._id)),
          ...compare('bookings acknowledged', 2, bookedOf(answers).length),
        ];
      }),
    [guardless],
    () => {
      const options = start();
      return { ...options, override: (builder) => stoppingAt(point)(options.override!(builder)) };
    },
  );
});
