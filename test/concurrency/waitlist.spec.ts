import { describe } from '@jest/globals';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import { cancelAll } from '../support/change-races.js';
import { countSold } from '../support/check-books.js';
import { checkVerdicts, onTwo, verdictOf } from '../support/hold-races.js';
import { claim, compare, itHolds, times } from '../support/race.js';
import { decideOn, showing, withKinds } from '../support/registrations.js';
import {
  checkNeverPublic,
  checkOrder,
  entriesOf,
  join,
  joinAll,
  leave,
  OFFERS,
  revisionOf,
  soldOut,
  statusOf,
  whileHammered,
  WITHHOLDING,
} from '../support/waitlist-races.js';

/** Who joins does not write the event: a cancellation sees nobody wait, and conflicts with nobody. */
const WRITING = withKinds('a write of the event by who joins', ['joinWaitlist'], (kind) =>
  decideOn(kind, () => ({ changeEvent: () => undefined })),
);

/** An offer is not given back by who leaves. */
const GIVING_BACK = withKinds('an end of the offer of who leaves', ['leaveWaitlist'], (kind) =>
  decideOn(kind, (draft) => showing<Hold>(draft, HOLDS, (hold) => ({ ...hold, items: [], quantity: 0 }))),
);

describe('bookings that are cancelled while others wait, join and try to book, on two instances', () => {
  itHolds(
    'go to those who wait, in their order, and to nobody else at any revision',
    (running) =>
      onTwo(running, async (apis) => {
        const [eventId, bookings] = await soldOut(running, 16);
        const first = times(16, (user) => `first${user}`);
        const ids = await joinAll(running.api, eventId, first);
        const after = await revisionOf(running, eventId);

        const buyers = await whileHammered(apis, eventId, async () => {
          const late = times(8, (user) => join(apis(user), eventId, `late${user}`));
          await Promise.all(bookings.map((id, index) => cancelAll(apis(index), id)));
          await Promise.all(late);
        });

        const entries = await entriesOf(running, eventId);
        const offered = entries.filter(({ status }) => status === 'offered').map(({ _id }) => String(_id));
        return [
          ...buyers,
          ...compare('entries', 24, entries.length),
          ...claim('the first are offered all tickets', offered.join() === ids.join()),
          ...(await checkNeverPublic(running, eventId, after)),
          ...(await checkOrder(running, eventId)),
          ...compare('tickets sold', 0, await countSold(running.db, eventId)),
        ];
      }),
    [WITHHOLDING, OFFERS],
  );
});

describe('two bookings that are cancelled at the same time while one user waits, on two instances', () => {
  itHolds(
    'are one offer, and one ticket for everybody',
    (running) =>
      onTwo(running, (apis) =>
        atMany(async () => {
          const [eventId, bookings] = await soldOut(running, 2);
          const [entryId = ''] = await joinAll(running.api, eventId, ['ann']);

          const answers = await Promise.all(bookings.map((id, caller) => sometime(() => cancelAll(apis(caller), id))));

          const { availableTickets, heldTickets } = (await running.api.get(`/events/${eventId}`)).body.event;
          return [
            ...checkVerdicts('a cancellation', ['200'], answers),
            ...compare('available', 1, availableTickets),
            ...compare('held', 1, heldTickets),
            ...claim('the entry is offered it', (await statusOf(running, entryId)) === 'offered'),
          ];
        }),
      ),
    [OFFERS],
  );
});

describe('a user who joins while the last booking is cancelled, on two instances', () => {
  itHolds(
    'is offered the ticket, or hears that it is there: nobody waits beside it',
    (running) =>
      onTwo(running, (apis) =>
        atMany(async () => {
          const [eventId, [bookingId = '']] = await soldOut(running, 1);

          const [joined, cancelled] = await Promise.all([
            sometime(() => join(apis(0), eventId, 'ann')),
            sometime(() => cancelAll(apis(1), bookingId)),
          ]);

          const [entry] = await entriesOf(running, eventId);
          return [
            ...checkVerdicts('joining', ['201', '409 tickets_available'], [joined]),
            ...checkVerdicts('a cancellation', ['200'], [cancelled]),
            ...claim('one of both', entry ? entry['status'] === 'offered' : joined.status === 409),
            ...(await checkOrder(running, eventId)),
          ];
        }),
      ),
    [WRITING],
  );
});

describe('a user who leaves while a ticket is about to be offered, on two instances', () => {
  itHolds(
    'has left, and the next one is offered it',
    (running) =>
      onTwo(running, (apis) =>
        atMany(async () => {
          const [eventId, [bookingId = '']] = await soldOut(running, 1);
          const [ann = '', bob = ''] = await joinAll(running.api, eventId, ['ann', 'bob']);

          const answers = await Promise.all([
            sometime(() => leave(apis(0), eventId, ann)),
            sometime(() => cancelAll(apis(1), bookingId)),
          ]);

          return [
            ...checkVerdicts('an answer', ['200'], answers),
            ...claim('who left has left', (await statusOf(running, ann)) === 'left'),
            ...claim('the next is offered it', (await statusOf(running, bob)) === 'offered'),
            ...(await checkOrder(running, eventId)),
          ];
        }),
      ),
    [GIVING_BACK],
  );
});

describe('a user who joins the same waitlist 40 times, through two instances', () => {
  itHolds(
    'waits once',
    (running) =>
      onTwo(running, async (apis) => {
        const [eventId] = await soldOut(running, 1);

        const answers = await Promise.all(times(40, (caller) => join(apis(caller), eventId, 'ann')));

        return [
          ...checkVerdicts('joining', ['200', '201'], answers),
          ...compare('first answers', 1, answers.filter((answer) => verdictOf(answer) === '201').length),
          ...compare('entries', 1, (await entriesOf(running, eventId)).length),
        ];
      }),
    [
      withKinds('a look at where a user waits', ['joinWaitlist'], (kind) =>
        decideOn(kind, (draft) => ({ list: (table) => (table.name === 'waitlistEntries' ? [] : draft.list(table)) })),
      ),
    ],
  );
});

/** The same at many events at once. */
async function atMany(race: () => Promise<string[]>): Promise<string[]> {
  return (await Promise.all(times(16, race))).flat();
}

/** At a moment that no other caller has chosen: an instance may know the event as it was before. */
async function sometime<Result>(act: () => Promise<Result>): Promise<Result> {
  await new Promise((done) => setTimeout(done, Math.random() * 300));
  return act();
}
