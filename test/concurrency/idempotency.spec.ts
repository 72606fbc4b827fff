import { describe } from '@jest/globals';
import { BookingsRepository } from '../../src/bookings/store/bookings.repository.js';
import type { Answer } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import { bookedOf, checkAnswers, compare, itHolds, times, withAnother } from '../support/race.js';
import type { RunningApp } from '../support/start-app.js';
import { without } from '../support/without.js';

const KEYS = without('keys in the bookings', BookingsRepository, 'insert', (insert) => (tx, bookings) => {
  const keyless = bookings.map((booking) => ({ ...booking, idempotency: undefined }));
  return insert(tx, keyless);
});

describe('identical requests at the same time', () => {
  itHolds(
    '100 to one instance, are one booking and one answer',
    async (running) => {
      const event = await running.api.createEvent({ totalTickets: 1_000 });
      const answers = await Promise.all(times(100, () => running.api.bookOnce(event._id, 'key', { quantity: 2 })));
      return [...checkSame(answers), ...(await checkSold(running, event._id, 2))];
    },
    [KEYS],
  );

  itHolds(
    '100 to two instances, are one booking and one answer',
    (running) =>
      withAnother(running, async (other) => {
        const event = await running.api.createEvent({ totalTickets: 1_000 });
        const answers = await Promise.all(
          times(100, (caller) => (caller % 2 === 0 ? running : other).api.bookOnce(event._id, 'key')),
        );
        return [...checkSame(answers), ...(await checkSold(running, event._id, 1))];
      }),
    [KEYS],
  );

  itHolds(
    '60 among 100 for the last ticket, are all answered with it, or none of them',
    (running) =>
      withAnother(running, async (other) => {
        const faults: string[] = [];
        for (const whoBegins of ['all', 'the same'] as const) {
          const event = await running.api.createEvent({ totalTickets: 1 });
          const apiOf = (caller: number) => (caller % 2 === 0 ? running : other).api;
          const same = times(60, (caller) => apiOf(caller).bookOnce(event._id, 'key'));
          // Otherwise one of the others might always win, who all are told the same with keys or without.
          if (whoBegins === 'the same') await Promise.race(same);
          const others = times(40, (caller) => apiOf(caller).bookUntilAnswered(event._id));
          faults.push(...checkLast(await Promise.all(same), await Promise.all(others)));
          faults.push(...(await checkSold(running, event._id, 1)));
        }
        return faults;
      }),
    [KEYS],
  );
});

describe('20 wishes that are sent 10 times each, all at the same time', () => {
  itHolds(
    'to two instances, are a booking for each wish, while others use the key for something else',
    (running) =>
      withAnother(running, async (other) => {
        const event = await running.api.createEvent({ totalTickets: 1_000 });
        const send = (caller: number, more: Record<string, unknown>) =>
          (caller % 2 === 0 ? running : other).api.bookOnce(event._id, `key-${caller % 20}`, more);
        const wish = (caller: number) => send(caller + Math.floor(caller / 100), { userId: 'ann' });
        // These use a key that has a booking by now: whatever else they want, they do not get it.
        const first = await Promise.all(times(20, (caller) => send(caller, { userId: 'ann' })));

        const [answers, misuses] = await Promise.all([
          Promise.all(times(200, wish)),
          Promise.all(times(40, (caller) => send(caller, { userId: 'bob' }))),
        ]);

        return [
          ...(await checkAnswers(running, first)),
          ...times(20, (key) =>
            checkSame([
              first[key]!,
              ...answers.filter((_answer, caller) => (caller + Math.floor(caller / 100)) % 20 === key),
            ]),
          ).flat(),
          ...compare('misuses refused', 40, misuses.filter(({ status }) => status === 422).length),
          ...(await checkSold(running, event._id, 20)),
        ];
      }),
    [KEYS],
  );
});

/** What is wrong with the answers of those who sent the same, and of the others, for one ticket. */
function checkLast(same: readonly Answer[], others: readonly Answer[]): string[] {
  const [alike, unlike] = [bookedOf(same), bookedOf(others)];
  return [
    ...compare('different bookings', 1, new Set([...alike, ...unlike].map(({ _id }) => _id)).size),
    ...(alike.length > 0
      ? compare('who sent the same and got it', same.length, alike.length)
      : compare('others who got it', 1, unlike.length)),
  ];
}

/** What is wrong with the answers to one wish: all of them are the first one's, and all but that one say so. */
function checkSame(answers: readonly Answer[]): string[] {
  const first = answers.filter(({ headers }) => headers.get('idempotent-replayed') === null);
  return [
    ...compare('answers with a booking', answers.length, bookedOf(answers).length),
    ...compare('different answers', 1, new Set(answers.map(({ body }) => JSON.stringify(body))).size),
    ...compare('different locations', 1, new Set(answers.map(({ headers }) => headers.get('location'))).size),
    // None is the first where that was not answered in time.
    ...compare('first answers', Math.min(1, first.length), first.length),
  ];
}

async function checkSold({ db }: RunningApp, eventId: string, tickets: number): Promise<string[]> {
  return compare('tickets sold', tickets, await countSold(db, eventId));
}
