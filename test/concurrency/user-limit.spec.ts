import { describe } from '@jest/globals';
import { mongo } from 'mongoose';
import { UserTicketsRepository } from '../../src/bookings/store/user-tickets.repository.js';
import type { Answer } from '../support/api.js';
import { bookedOf, checkAcknowledged, checkAnswers, compare, itHolds, times, withAnother } from '../support/race.js';
import type { RunningApp } from '../support/start-app.js';
import { without } from '../support/without.js';

const COUNT = without('the count of what a user has', UserTicketsRepository, 'read', (_read, counts) => {
  counts.insert = () => Promise.resolve();
  return () => Promise.resolve([]);
});

describe('1,000 requests of one user for an event with a limit of 4', () => {
  itHolds(
    'get exactly 4 tickets of two instances',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 5_000, maxTicketsPerUser: 4 });

        const answers = await Promise.all(times(1_000, (caller) => apis(caller).bookUntilAnswered(event._id)));

        return [
          ...(await checkLimited(running, answers)),
          ...checkAcknowledged(4, answers),
          ...(await checkTickets(running, event._id, ['user123'], 4)),
        ];
      }),
    [COUNT],
  );
});

describe('20 users at the same time, in an event with sections', () => {
  itHolds(
    'get 4 tickets each of two instances, by ones, twos and threes of any section',
    (running) =>
      onTwo(running, async (apis) => {
        const users = times(20, (user) => `user${user}`);
        const event = await running.api.createEvent({
          sections: ['Stalls', 'Balcony', 'Boxes'].map((name) => ({ name, capacity: 1_000 })),
          maxTicketsPerUser: 4,
        });
        const wish = (caller: number) =>
          apis(caller).bookUntilAnswered(event._id, {
            userId: users[caller % 20],
            items: times(1 + (caller % 3), (line) => ({ sectionId: event.sections[line]._id, quantity: 1 })),
          });

        const answers = await Promise.all(times(400, wish));
        const ofThree = await Promise.all(users.map((userId) => running.api.book(event._id, threeOf(event, userId))));

        return [
          ...(await checkLimited(running, [...answers, ...ofThree])),
          ...compare('bookings of three when there is no room for them', 0, bookedOf(ofThree).length),
          ...(await checkTickets(running, event._id, users, 4)),
        ];
      }),
    [COUNT],
  );
});

describe('100 requests for three tickets each, with a limit of 4', () => {
  itHolds(
    'get three, and the next one for a single ticket gets it',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 5_000, maxTicketsPerUser: 4 });
        const answers = await Promise.all(
          times(100, (caller) => apis(caller).bookUntilAnswered(event._id, { quantity: 3 })),
        );
        const rest = [await apis(0).bookUntilAnswered(event._id), await apis(1).bookUntilAnswered(event._id)];
        return [
          ...(await checkLimited(running, [...answers, ...rest])),
          ...checkAcknowledged(1, answers),
          ...(await checkTickets(running, event._id, ['user123'], 4)),
        ];
      }),
    [COUNT],
  );
});

describe('cancellations and bookings of one user at the same time', () => {
  itHolds(
    'never leave more than the limit, and always room for what was given back',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 5_000, maxTicketsPerUser: 4 });
        const first = await Promise.all(times(4, (caller) => apis(caller).bookUntilAnswered(event._id)));
        const cancels = bookedOf(first).map(({ _id }, index) => cancelUntilAnswered(apis(index + 1), _id));
        const books = times(100, (caller) => apis(caller).bookUntilAnswered(event._id));

        const answers = (await Promise.all([Promise.all(books), Promise.all(cancels)]))[0];
        const later = await Promise.all(times(10, (caller) => apis(caller).bookUntilAnswered(event._id)));

        return [
          ...(await checkLimited(running, [...first, ...answers, ...later])),
          ...checkAcknowledged(4, [...answers, ...later]),
          ...(await checkTickets(running, event._id, ['user123'], 4)),
        ];
      }),
    [COUNT],
  );
});

type Apis = (caller: number) => RunningApp['api'];

/** The callers take turns with the instances. */
function onTwo(running: RunningApp, race: (apis: Apis) => Promise<string[]>): Promise<string[]> {
  return withAnother(running, (other) => race((caller) => (caller % 2 === 0 ? running : other).api));
}

function threeOf(event: { sections: { _id: string }[] }, userId: string): Record<string, unknown> {
  return { userId, sectionId: event.sections[0]!._id, quantity: 3 };
}

async function cancelUntilAnswered(api: RunningApp['api'], id: string): Promise<Answer> {
  for (;;) {
    const answer = await api.post(`/bookings/${id}/cancel`);
    if (answer.status !== 503) return answer;
  }
}

/** Whoever gets no booking is told that it is for the limit. */
function checkLimited(running: RunningApp, answers: readonly Answer[]): Promise<string[]> {
  return checkAnswers(
    running,
    answers.filter(({ status, body }) => status !== 409 || body.code !== 'user_limit_reached'),
  );
}

/** How many tickets the confirmed bookings of each user have, by the bookings themselves. */
async function checkTickets(
  { db }: RunningApp,
  eventId: string,
  users: readonly string[],
  expected: number,
): Promise<string[]> {
  const confirmed = await db
    .collection('bookings')
    .find({ eventId: new mongo.ObjectId(eventId), status: 'confirmed' })
    .toArray();
  return users.flatMap((user) => {
    const own = confirmed.filter(({ userId }) => userId === user);
    return compare(
      `tickets of ${user}`,
      expected,
      own.reduce((sum, booking) => sum + booking['quantity'], 0),
    );
  });
}
