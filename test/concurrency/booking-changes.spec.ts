import { describe } from '@jest/globals';
import { type Booking, BOOKINGS } from '../../src/bookings/booking.js';
import type { AboutBooking } from '../../src/bookings/decide/about-booking.js';
import { within } from '../../src/bookings/decide/table.js';
import { USER_TICKETS } from '../../src/bookings/decide/user-tickets.js';
import { BookingChangesRepository } from '../../src/bookings/store/booking-changes.repository.js';
import {
  asBought,
  bookAll,
  cancelAll,
  cancelPart,
  changesOf,
  checkTickets,
  leftIn,
  transfer,
} from '../support/change-races.js';
import { countSold } from '../support/check-books.js';
import { checkVerdicts, onTwo } from '../support/hold-races.js';
import { HeldLaneFactory, withHeldLanes } from '../support/lanes.js';
import { claim, compare, type Control, itHolds, times, withAnother } from '../support/race.js';
import { decideOn, showing, withKinds } from '../support/registrations.js';
import { without } from '../support/without.js';

const LEFT = withKinds('what is left of a booking', ['cancel'], (kind) =>
  decideOn(kind, (draft) => showing<Booking>(draft, BOOKINGS, asBought)),
);
const KEYS = without('keys in the changes', BookingChangesRepository, 'insert', (insert) => (tx, changes) => {
  const keyless = changes.map((change) => ({ ...change, idempotency: undefined }));
  return insert(tx, keyless);
});
const FOLLOW = withKinds('the count of the user who has the booking now', ['cancel'], () => ({ follow: () => [] }));
const GIVER = withKinds("the giver's count", ['transfer'], (kind) => ({
  decide: (command, draft) => {
    const { eventId, userId } = command as AboutBooking;
    const giver = within(eventId, userId);
    return decideOn(kind, () => ({
      put: (table, doc) => {
        if (table.name !== USER_TICKETS.name || table.namesOf(doc)[0] !== giver) draft.put(table, doc);
      },
    })).decide(command, draft);
  },
}));
/** Every command of a batch is decided on the bookings as they were before it; the last one's change is kept. */
const BEFORE = withKinds('the changes of earlier commands', ['cancel', 'transfer'], (kind) =>
  decideOn(kind, (draft) => ({
    find: (table, name) => {
      if (table.name !== BOOKINGS.name) return draft.find(table, name);
      return draft.listRead(table).find((doc) => table.namesOf(doc).includes(name));
    },
  })),
);
const LAST = without('all changes', BookingChangesRepository, 'insert', (insert) => (tx, changes) => {
  const last = new Map(changes.map((change) => [`${change.bookingId} ${change.number}`, change]));
  return insert(tx, [...last.values()]);
});
const DRAFT: Control = { ...BEFORE, override: (builder) => BEFORE.override(LAST.override(builder)) };

const users = times(10, (user) => `user${user}`);

describe('many parts of a booking and all of it, cancelled at the same time on two instances', () => {
  itHolds(
    'return every ticket once',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 100 });
        const ids = await bookAll(running.api, event._id, users.slice(0, 5), 4);
        // These tickets must not come back: a ticket that is returned twice is one of them.
        await bookAll(running.api, event._id, users.slice(0, 8), 10);

        const ends = await Promise.all(
          ids.map(async (id, index) => {
            const parts = times(6, (caller) => cancelPart(apis(index + caller), id, 1, `part-${caller}`));
            const answers = await Promise.all([...parts.slice(0, 3), cancelAll(apis(index), id), ...parts.slice(3)]);
            return { id, answers, again: await cancelAll(apis(index + 1), id) };
          }),
        );

        const faults = await Promise.all(
          ends.map(async ({ id, answers, again }) => {
            const changes = await changesOf(running, id);
            const returned = changes.flatMap(({ lines }) => lines as { quantity: number }[]);
            return [
              ...checkVerdicts(`cancellation of ${id}`, ['200', '409 not_enough_tickets'], answers),
              ...checkVerdicts(`another cancellation of ${id}`, ['200'], [again]),
              ...compare(`tickets returned of ${id}`, 4, sumOf(returned)),
              ...compare(`tickets left of ${id}`, 0, leftIn(again)),
            ];
          }),
        );
        return [...faults.flat(), ...compare('tickets sold', 80, await countSold(running.db, event._id))];
      }),
    [LEFT],
  );
});

describe('a part of a booking that is cancelled 10 times with one key, on two instances', () => {
  itHolds(
    'is returned once, and all are told the same',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 40 });
        const ids = await bookAll(running.api, event._id, users, 4);

        const ends = await Promise.all(
          ids.map(async (id, index) => {
            const answers = await Promise.all(times(10, (caller) => cancelPart(apis(index + caller), id, 1, 'part')));
            await transfer(apis(index), id, 'somebody else');
            return { id, answers: [...answers, await cancelPart(apis(index), id, 1, 'part')] };
          }),
        );

        const faults = ends.map(({ id, answers }) => {
          const first = answers.filter(({ headers }) => headers.get('idempotent-replayed') === null);
          return [
            ...checkVerdicts(`cancellation of ${id}`, ['200'], answers),
            ...compare(`different answers of ${id}`, 1, new Set(answers.map(({ body }) => JSON.stringify(body))).size),
            ...claim(`${id} has one first answer at most: ${first.length}`, first.length <= 1),
          ];
        });
        return [...faults.flat(), ...compare('tickets sold', 30, await countSold(running.db, event._id))];
      }),
    [KEYS],
  );
});

describe('cancellations and transfers of the same bookings, on two instances', () => {
  itHolds(
    'return every ticket once, from the count of the user who has it',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 40, maxTicketsPerUser: 3 });
        const ids = await bookAll(running.api, event._id, users, 3);

        const ends = await Promise.all(
          ids.map(async (id, index) => {
            const [given, returned] = await Promise.all([
              Promise.all(times(2, (caller) => transfer(apis(index + caller), id, `friend${index}`))),
              Promise.all(times(2, (caller) => cancelPart(apis(index + caller + 1), id, 1, `part-${caller}`))),
            ]);
            const [last, late] = await Promise.all([
              cancelAll(apis(index), id),
              transfer(apis(index + 1), id, users[index]!),
            ]);
            return { id, given, returned: [...returned, last], late };
          }),
        );

        const faults = ends.flatMap(({ id, given, returned, late }) => [
          ...checkVerdicts(`transfer of ${id}`, ['200'], given),
          ...checkVerdicts(`cancellation of ${id}`, ['200'], returned),
          ...checkVerdicts(`late transfer of ${id}`, ['200', '409 wrong_state'], [late]),
        ]);
        // Nobody has anything: all may have the limit again.
        const again = await Promise.all(
          users.map((userId, caller) => apis(caller).bookUntilAnswered(event._id, { userId, quantity: 3 })),
        );
        return [
          ...faults,
          ...checkVerdicts('booking after all', ['201'], again),
          ...compare('tickets sold', 30, await countSold(running.db, event._id)),
        ];
      }),
    [GIVER],
  );

  itHolds(
    'a cancellation that was on its way when the booking got another user counts for that user',
    (running) =>
      withAnother(running, async (other) => {
        const event = await running.api.createEvent({ totalTickets: 10, maxTicketsPerUser: 3 });
        const [id] = (await bookAll(running.api, event._id, ['ann'], 3)) as [string];
        const lane = HeldLaneFactory.of(other);
        lane.hold();
        const cancelled = cancelPart(other.api, id, 1, 'part');
        await lane.untilArrived(1);
        const given = await transfer(running.api, id, 'bob');
        lane.release();
        const booked = await Promise.all([
          cancelled,
          ...['ann', 'bob'].map((userId, index) =>
            running.api.bookUntilAnswered(event._id, { userId, quantity: index === 0 ? 3 : 1 }),
          ),
        ]).then(([, ...answers]) => answers);
        return [
          ...checkVerdicts('transfer', ['200'], [given]),
          ...checkVerdicts('cancellation', ['200'], [await cancelled]),
          ...checkVerdicts('booking', ['201', '409 user_limit_reached'], booked),
          ...(await checkTickets(running, event._id, 'ann', 3)),
        ];
      }),
    [FOLLOW],
    () => ({ override: withHeldLanes() }),
  );
});

describe('cancellations and transfers of one booking in one batch', () => {
  itHolds(
    'are done one after the other, and the booking is written once',
    async (running) => {
      const { api, db } = running;
      const event = await api.createEvent({ totalTickets: 10 });
      const [id] = (await bookAll(api, event._id, ['ann'], 4)) as [string];
      const before = await db.collection('movements').countDocuments();
      const lane = HeldLaneFactory.of(running);
      const elsewhere = await api.createEvent({ totalTickets: 1 });
      const wishes = [
        () => api.book(elsewhere._id),
        () => cancelPart(api, id, 1, 'one'),
        () => transfer(api, id, 'bob'),
        () => cancelPart(api, id, 1, 'two'),
        () => cancelPart(api, id, 1, 'one'),
        () => transfer(api, id, 'ann'),
        () => cancelPart(api, id, 3, 'three'),
      ];
      lane.hold();
      const sent = [];
      for (const send of wishes) {
        sent.push(send());
        await lane.untilArrived(sent.length);
      }
      lane.release();
      const [, ...answers] = await Promise.all(sent);

      const told = answers.map(({ status, body }) => (status === 200 ? status : body.code));
      const states = answers.slice(0, 5).map((answer) => `${answer.body.booking?.userId} ${leftIn(answer)}`);
      const numbers = (await changesOf(running, id)).map(({ number }) => number);
      // Creating the other event is a movement, and so is booking it: the batch is one more.
      const movements = (await db.collection('movements').countDocuments()) - before;
      return [
        ...claim(`the last part is refused: ${told}`, told.join() === '200,200,200,200,200,not_enough_tickets'),
        ...claim(`each sees those before it: ${states}`, states.join() === 'ann 3,bob 3,bob 2,ann 3,ann 2'),
        ...claim(`four changes: ${numbers}`, numbers.join() === '1,2,3,4'),
        ...compare('movements', 3, movements),
        ...(await checkTickets(running, event._id, 'ann', 2)),
      ];
    },
    [DRAFT],
    () => ({ override: withHeldLanes() }),
  );
});

function sumOf(lines: readonly { quantity: number }[]): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}
