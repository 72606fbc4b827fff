import { describe } from '@jest/globals';
import { countSold } from '../support/check-books.js';
import { checkAcknowledged, checkAnswers, compare, itHolds, times } from '../support/race.js';

describe('1,000 callers for 100 tickets of one event', () => {
  itHolds('sells 100 and tells 900 that there are none', async (running) => {
    const { api, db } = running;
    const event = await api.createEvent({ totalTickets: 100 });

    const answers = await Promise.all(
      times(1_000, (caller) => api.bookUntilAnswered(event._id, { userId: `user${caller}` })),
    );

    return [
      ...(await checkAnswers(running, answers)),
      ...checkAcknowledged(100, answers),
      ...compare('tickets sold', 100, await countSold(db, event._id)),
    ];
  });
});

describe('100 callers for 20 tickets, three at a time', () => {
  itHolds('sells 18, and the last two to the next caller who wants two', async (running) => {
    const { api, db } = running;
    const event = await api.createEvent({ totalTickets: 20 });

    const answers = await Promise.all(times(100, () => api.bookUntilAnswered(event._id, { quantity: 3 })));
    const soldInThrees = await countSold(db, event._id);
    const last = await api.book(event._id, { quantity: 2 });

    return [
      ...(await checkAnswers(running, [...answers, last])),
      ...compare('tickets sold in threes', 18, soldInThrees),
      ...compare('tickets sold', 20, await countSold(db, event._id)),
    ];
  });
});
