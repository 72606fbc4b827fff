import { describe } from '@jest/globals';
import { type Booking, BOOKINGS } from '../../src/bookings/booking.js';
import { USER_TICKETS } from '../../src/bookings/decide/user-tickets.js';
import {
  asBought,
  bookAll,
  cancelAll,
  cancelBookings,
  cancelPart,
  changesOf,
  transfer,
} from '../support/change-races.js';
import { countSold } from '../support/check-books.js';
import { checkVerdicts, onTwo } from '../support/hold-races.js';
import { claim, compare, itHolds, times } from '../support/race.js';
import { decideOn, showing, withKinds } from '../support/registrations.js';

/** Every booking is taken for a confirmed one that has all of its tickets. */
const LEFT = withKinds('what is left of the bookings', ['cancelBookings'], (kind) =>
  decideOn(kind, (draft) => showing<Booking>(draft, BOOKINGS, asBought)),
);
/** Who had tickets keeps them in the count. */
const COUNTS = withKinds('the counts of users', ['cancelBookings'], (kind) =>
  decideOn(kind, (draft) => ({
    put: (table, doc) => {
      if (table.name !== USER_TICKETS.name) draft.put(table, doc);
    },
  })),
);

const users = times(20, (user) => `user${user}`);
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

describe('all bookings of an event, cancelled twice at the same time on two instances', () => {
  itHolds(
    'return every ticket once, also beside cancellations, parts and transfers',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 100, maxTicketsPerUser: 4 });
        const ids = await bookAll(running.api, event._id, users, 4);

        const [bulk, alone] = await Promise.all([
          Promise.all(times(4, (caller) => cancelBookings(apis(caller), event._id))),
          Promise.all(
            ids.map(async (id, index) => {
              if (index % 4 === 0) return cancelAll(apis(index), id);
              if (index % 4 === 1) return cancelPart(apis(index), id, 1, 'part');
              if (index % 4 === 2) return transfer(apis(index), id, `friend${index}`);
              return cancelAll(apis(index + 1), id);
            }),
          ),
        ]);
        await cancelBookings(apis(0), event._id);

        const returned = await Promise.all(
          ids.map(async (id) => {
            const changes = await changesOf(running, id);
            const cancelled = changes.filter(({ kind }) => kind === 'cancelled');
            return sumOf(cancelled.flatMap(({ lines }) => lines.map((line: { quantity: number }) => line.quantity)));
          }),
        );
        const [soldAtEnd] = [await countSold(running.db, event._id)];
        // Nobody has anything: all may have the limit again.
        const again = await Promise.all(
          users.map((userId, caller) => apis(caller).bookUntilAnswered(event._id, { userId, quantity: 4 })),
        );
        return [
          ...checkVerdicts('a change', ['200', '409 not_enough_tickets', '409 wrong_state'], alone),
          ...returned.flatMap((tickets, index) => compare(`tickets returned of ${ids[index]}`, 4, tickets)),
          ...claim(
            `no call has cancelled more than there was: ${bulk}`,
            bulk.every((count) => count <= 20),
          ),
          ...compare('tickets sold after all', 0, soldAtEnd),
          ...checkVerdicts('booking after all', ['201'], again),
        ];
      }),
    [LEFT, COUNTS],
  );

  itHolds(
    'count every booking once, in all answers together',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 300 });
        await bookAll(
          running.api,
          event._id,
          times(150, (user) => `user${user}`),
          2,
        );
        const counts = await Promise.all(times(4, (caller) => cancelBookings(apis(caller), event._id)));
        const { body } = await running.api.get(`/events/${event._id}`);
        return [
          ...compare('bookings cancelled, by the answers', 150, sumOf(counts)),
          ...compare('tickets available', 300, body.event.availableTickets),
        ];
      }),
    [LEFT],
  );
});

describe('bookings that are made while all are cancelled, on two instances', () => {
  itHolds(
    'are cancelled or kept, and no ticket is sold twice',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 20, maxTicketsPerUser: 4 });
        await bookAll(running.api, event._id, users.slice(0, 5), 4);
        const [answers, ...counts] = await Promise.all([
          Promise.all(
            times(60, (caller) =>
              apis(caller).bookUntilAnswered(event._id, { userId: `late${caller % 20}`, quantity: 1 + (caller % 2) }),
            ),
          ),
          ...times(3, (caller) => cancelBookings(apis(caller), event._id)),
        ]);
        await cancelBookings(apis(1), event._id);
        const { body } = await running.api.get(`/events/${event._id}`);
        return [
          ...claim(
            `every call was answered: ${counts}`,
            counts.every((count) => count >= 0),
          ),
          ...checkVerdicts(
            'a booking',
            ['201', '409 sold_out', '409 not_enough_tickets', '409 user_limit_reached'],
            answers,
          ),
          ...compare('tickets sold after all', 0, await countSold(running.db, event._id)),
          ...compare('tickets available after all', 20, body.event.availableTickets),
        ];
      }),
    [LEFT],
  );
});
