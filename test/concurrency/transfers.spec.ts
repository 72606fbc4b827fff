import { describe } from '@jest/globals';
import { UserTicketsRepository } from '../../src/bookings/store/user-tickets.repository.js';
import { bookAll, changesOf, checkTickets, transfer } from '../support/change-races.js';
import { countSold } from '../support/check-books.js';
import { checkVerdicts, onTwo, verdictOf } from '../support/hold-races.js';
import { claim, compare, itHolds, times, WALLS } from '../support/race.js';
import { decideOn, withKinds } from '../support/registrations.js';
import { without } from '../support/without.js';

const COUNT = without('the count of what a user has', UserTicketsRepository, 'read', (_read, counts) => {
  counts.insert = () => Promise.resolve();
  return () => Promise.resolve([]);
});
const LIMIT = withKinds("the receiver's limit", ['transfer'], (kind) =>
  decideOn(kind, (draft) => ({
    findEvent: (id) => {
      const event = draft.findEvent(id);
      return event && { ...event, maxTicketsPerUser: undefined };
    },
  })),
);

describe('many transfers to one user, who books at the same time, on two instances', () => {
  itHolds(
    'give the user exactly as many tickets as the limit allows',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 100, maxTicketsPerUser: 4 });
        const ids = await bookAll(
          running.api,
          event._id,
          times(12, (user) => `user${user}`),
          1,
        );

        const [given, booked] = await Promise.all([
          Promise.all(ids.map((id, caller) => transfer(apis(caller), id, 'ann'))),
          Promise.all(times(12, (caller) => apis(caller).bookUntilAnswered(event._id, { userId: 'ann' }))),
        ]);
        const late = await Promise.all(
          times(2, (caller) => apis(caller).bookUntilAnswered(event._id, { userId: 'ann' })),
        );

        const bought = booked.filter(({ status }) => status === 201).length;
        return [
          ...checkVerdicts('transfer', ['200', '409 user_limit_reached'], given),
          ...checkVerdicts('booking', ['201', '409 user_limit_reached'], booked),
          ...checkVerdicts('late booking', ['409 user_limit_reached'], late),
          ...compare('transfers and bookings', 4, given.filter(({ status }) => status === 200).length + bought),
          ...(await checkTickets(running, event._id, 'ann', 4)),
          ...compare('tickets sold', 12 + bought, await countSold(running.db, event._id)),
        ];
      }),
    [COUNT, LIMIT],
  );
});

describe('transfers of the same bookings there and back, on two instances', () => {
  itHolds(
    'leave each with one of the two users, whose last transfer it is',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 20, maxTicketsPerUser: 2 });
        const ids = await bookAll(
          running.api,
          event._id,
          times(10, (user) => `user${user}`),
          2,
        );

        const ends = await Promise.all(
          ids.map(async (id, index) => {
            const to = times(8, (caller) => (caller % 2 === 0 ? `friend${index}` : `user${index}`));
            const answers = await Promise.all(
              to.map((userId, caller) => transfer(apis(index + (caller >> 1)), id, userId)),
            );
            return { id, index, told: answers.map((answer, caller) => ({ answer, userId: to[caller] })) };
          }),
        );

        const faults = await Promise.all(
          ends.map(async ({ id, index, told }) => {
            const { booking } = (await running.api.get(`/bookings/${id}`)).body;
            const owners = (await changesOf(running, id)).map(({ after }) => after.userId as string);
            const other = booking.userId === `user${index}` ? `friend${index}` : `user${index}`;
            const turns = times(owners.length, (turn) => (turn % 2 === 0 ? `friend${index}` : `user${index}`));
            return [
              ...checkVerdicts(
                `transfer of ${id}`,
                ['200'],
                told.map(({ answer }) => answer),
              ),
              ...told.flatMap(({ answer, userId }) =>
                claim(`${id} was given to ${userId}: ${verdictOf(answer)}`, answer.body.booking?.userId === userId),
              ),
              ...claim(`the owners of ${id} take turns: ${owners}`, owners.join() === turns.join()),
              ...claim(`${id} belongs to ${booking.userId}`, owners.at(-1) === booking.userId),
              ...(await checkTickets(running, event._id, booking.userId, 2)),
              ...(await checkTickets(running, event._id, other, 0)),
            ];
          }),
        );
        return [...faults.flat(), ...compare('tickets sold', 20, await countSold(running.db, event._id))];
      }),
    [WALLS],
  );
});
