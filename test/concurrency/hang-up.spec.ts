import { describe } from '@jest/globals';
import { countSold } from '../support/check-books.js';
import { checkAcknowledged, checkAnswers, compare, itHolds, times } from '../support/race.js';

describe('clients that hang up while their booking is under way', () => {
  itHolds('books for each of them wholly or not at all, and sells every ticket that is left', async (running) => {
    const { api, db } = running;
    const event = await api.createEvent({ totalTickets: 100 });

    const hangUps = times(60, async (caller) => {
      const impatience = new AbortController();
      const request = fetch(`${api.url}/book`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ eventId: event._id, userId: `impatient${caller}` }),
        signal: impatience.signal,
      });
      setTimeout(() => impatience.abort(), caller * 2);
      await request.catch(() => undefined);
    });
    const answers = Promise.all(times(30, () => api.bookUntilAnswered(event._id)));
    await Promise.all(hangUps);
    const rest = await Promise.all(times(100, () => api.bookUntilAnswered(event._id)));

    return [
      ...(await checkAnswers(running, [...(await answers), ...rest])),
      ...checkAcknowledged(30, await answers),
      ...compare('tickets sold', 100, await countSold(db, event._id)),
    ];
  });
});
