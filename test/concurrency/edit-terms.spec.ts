import { describe } from '@jest/globals';
import { mongo } from 'mongoose';
import type { UserTickets } from '../../src/bookings/decide/user-tickets.js';
import type { StoredChange } from '../../src/bookings/store/document-store.js';
import { UserTicketsRepository } from '../../src/bookings/store/user-tickets.repository.js';
import type { Answer } from '../support/api.js';
import { CURRENT, edit } from '../support/edit-races.js';
import { checkVerdicts, onTwo } from '../support/hold-races.js';
import { occupy, withHeldLanes } from '../support/lanes.js';
import { checkAnswers, claim, compare, type Control, itHolds, times, withAnother } from '../support/race.js';
import { decideOn, withKinds } from '../support/registrations.js';
import type { RunningApp } from '../support/start-app.js';
import { without } from '../support/without.js';

const VERSION = withKinds('the version that was read', ['editEvent'], (kind) => ({
  decide: (command, draft) => kind.decide({ ...command, versions: undefined } as typeof command, draft),
}));
const OPEN = withKinds('the end of the batch behind an edit', ['editEvent'], (kind) =>
  decideOn(kind, () => ({ close: () => undefined })),
);
const UNREAD = without('a check that counts were read', UserTicketsRepository, 'insert', (_insert, counts) => {
  return (tx, docs) => (docs.length === 0 ? Promise.resolve() : counts['store'](tx, docs.map(toChange)));
});
/** Counts that were not read are refused as well: that is a second wall. */
const CLOSE: Control = {
  without: `${OPEN.without}, and ${UNREAD.without}`,
  override: (builder) => UNREAD.override(OPEN.override(builder)),
};
const COUNT = without('the count of what a user has', UserTicketsRepository, 'read', (_read, counts) => {
  counts.insert = () => Promise.resolve();
  return () => Promise.resolve([]);
});

describe('20 edits with the same If-Match, while tickets are sold, to two instances', () => {
  itHolds(
    'have one winner in each of five rounds; the others are told that they have not seen it',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 200 });
        const faults: string[] = [];
        for (let round = 1; round <= 5; round++) {
          const sales = times(10, (caller) => apis(caller).bookUntilAnswered(event._id));
          const names = times(20, (organiser) => `Round ${round}, organiser ${organiser}`);
          const answers = await Promise.all(
            names.map((name, organiser) => edit(apis(organiser), event._id, { name }, `"${round}-1"`)),
          );
          const booked = await Promise.all(sales);
          const { version, name } = (await running.api.get(`/events/${event._id}`)).body.event;
          const winners = answers.filter(({ status }) => status === 200);
          const unknown = answers.filter(({ status }) => status === 503).length;
          faults.push(
            ...(await checkAnswers(running, booked)),
            ...checkVerdicts('an edit', ['200', '412 precondition_failed', '503 outcome_unknown'], answers),
            ...claim(`one edit wins: ${winners.length}`, winners.length === 1 || (winners.length === 0 && unknown > 0)),
            ...compare('the version', round + 1, version),
            ...claim(
              `the winner's name is the event's: ${name}`,
              winners.every(({ body }) => body.event.name === name),
            ),
          );
        }
        return [...faults, ...compare('edits', 5, await running.db.collection('eventEdits').countDocuments())];
      }),
    [VERSION],
  );
});

describe('a sale that is paused and resumed by one instance, and bookings at two', () => {
  itHolds(
    'sell nothing to who asks after the pause, and again to who asks after the resumption',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 500 });
        const book = (count: number) => times(count, (caller) => apis(caller).bookUntilAnswered(event._id));
        // The other instance remembers an event that is on sale.
        const faults = checkVerdicts('the first booking', ['201'], [await apis(1).bookUntilAnswered(event._id)]);
        for (let round = 0; round < 4; round++) {
          const around = round === 0 ? [] : book(20);
          const paused = await edit(apis(round), event._id, { status: 'paused' });
          const after = await Promise.all(book(10));
          const during = await Promise.all(around);
          const resumed = await edit(apis(round + 1), event._id, { status: 'on_sale' });
          const later = await Promise.all(book(10));
          faults.push(
            ...checkVerdicts('a pause, or a resumption', ['200'], [paused, resumed]),
            ...checkVerdicts('a booking around the pause', ['201', '409 not_on_sale'], during),
            ...checkVerdicts('a booking after the pause', ['409 not_on_sale'], after),
            ...checkVerdicts('a booking after the resumption', ['201'], later),
          );
        }
        return faults;
      }),
    [CURRENT],
  );
});

const FIRST = withKinds('a place of its own', ['editEvent'], () => ({ goesFirst: () => false }));

describe('a pause behind a rush', () => {
  itHolds(
    'goes before those who wait: nothing is sold after it',
    async (running) => {
      const event = await running.api.createEvent({ totalTickets: 500 });
      const lane = await occupy(running);
      const bookings = times(20, (user) => running.api.bookUntilAnswered(event._id, { userId: `user${user}` }));
      await lane.untilArrived(1 + bookings.length);
      const paused = edit(running.api, event._id, { status: 'paused' });
      await lane.untilArrived(2 + bookings.length);
      lane.release();
      const codes = (await Promise.all(bookings)).map(({ body }) => body.code);
      return [
        ...checkVerdicts('the pause', ['200'], [await paused]),
        ...compare('bookings that are refused', 20, codes.filter((code) => code === 'not_on_sale').length),
      ];
    },
    [FIRST],
    () => ({ override: withHeldLanes() }),
  );
});

const USERS = times(5, (user) => `user${user}`);

describe('a limit for each user that is set in a batch of bookings, on two instances', () => {
  itHolds(
    'counts what was bought before, and nobody exceeds it from then on',
    (running) =>
      withAnother(running, async (other) => {
        const event = await running.api.createEvent({ totalTickets: 500 });
        const apis = (caller: number) => (caller % 2 === 0 ? running : other).api;
        const buy = (count: number, api = apis) =>
          USERS.flatMap((userId, user) =>
            times(count, (caller) => api(user + caller).bookUntilAnswered(event._id, { userId })),
          );
        // The first user has more than the limit will allow, the others have less.
        const first = await Promise.all(
          USERS.map((userId, user) =>
            running.api.bookUntilAnswered(event._id, { userId, quantity: user === 0 ? 5 : 1 }),
          ),
        );

        const lane = await occupy(running);
        const before = running.api.bookUntilAnswered(event._id, { userId: USERS[1] });
        await lane.untilArrived(2);
        const limited = edit(running.api, event._id, { maxTicketsPerUser: 3 });
        await lane.untilArrived(3);
        const behind = buy(2, () => running.api);
        await lane.untilArrived(3 + behind.length);
        lane.release();
        const limit = await limited;
        const after = await Promise.all(buy(4));

        const answers = [...first, await before, ...(await Promise.all(behind)), ...after];
        const tickets = await ticketsOf(running, event._id);
        return [
          ...checkVerdicts('the limit', ['200'], [limit]),
          ...(await checkAnswers(running, answers.filter(isNotLimited))),
          ...USERS.flatMap((userId, user) => compare(`tickets of ${userId}`, user === 0 ? 5 : 3, tickets(userId))),
        ];
      }),
    [CLOSE, COUNT],
    () => ({ override: withHeldLanes() }),
  );
});

function toChange(after: UserTickets): StoredChange<UserTickets> {
  return { before: { ...after, tickets: 0, isStored: false }, after };
}

function isNotLimited({ body }: Answer): boolean {
  return body.code !== 'user_limit_reached';
}

/** How many tickets each user has, by the confirmed bookings. */
async function ticketsOf({ db }: RunningApp, eventId: string): Promise<(userId: string) => number> {
  const confirmed = { eventId: new mongo.ObjectId(eventId), status: 'confirmed' };
  const bookings = await db.collection('bookings').find(confirmed).toArray();
  return (userId) =>
    bookings.filter((each) => each['userId'] === userId).reduce((sum, { quantity }) => sum + quantity, 0);
}
