import { describe } from '@jest/globals';
import { countSold } from '../support/check-books.js';
import { bookedOf, checkAcknowledged, checkAnswers, compare, itHolds, times, withAnother } from '../support/race.js';

describe('two instances on one database', () => {
  itHolds('sell 60 tickets to 160 callers between them', (running) =>
    withAnother(running, async (other) => {
      const event = await running.api.createEvent({ totalTickets: 60 });

      const answers = await Promise.all(
        times(160, (caller) => {
          const { api } = caller % 2 === 0 ? running : other;
          return api.bookUntilAnswered(event._id, { userId: `user${caller}` });
        }),
      );

      return [
        ...(await checkAnswers(running, answers)),
        ...checkAcknowledged(60, answers),
        ...compare('tickets sold', 60, await countSold(running.db, event._id)),
      ];
    }),
  );

  itHolds('see and cancel what the other has sold', (running) =>
    withAnother(running, async (other) => {
      const event = await running.api.createEvent({ totalTickets: 10 });
      const booked = bookedOf(await Promise.all(times(10, () => running.api.bookUntilAnswered(event._id))));

      await Promise.all(
        booked.flatMap(({ _id }) => [running, other].map(({ api }) => api.post(`/bookings/${_id}/cancel`))),
      );
      const answers = await Promise.all(
        times(20, (caller) => (caller % 2 === 0 ? running : other).api.bookUntilAnswered(event._id)),
      );

      return [
        ...(await checkAnswers(running, answers)),
        ...checkAcknowledged(10, answers),
        ...compare('tickets sold', 10, await countSold(running.db, event._id)),
      ];
    }),
  );
});
