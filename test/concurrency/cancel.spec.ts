import { describe } from '@jest/globals';
import type { Answer } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import { bookedOf, checkAnswers, compare, itHolds, times } from '../support/race.js';

describe('cancellations against bookings', () => {
  itHolds('returns every ticket once, however often it is cancelled, and sells it once more', async (running) => {
    const { api, db } = running;
    const event = await api.createEvent({ totalTickets: 40 });
    const first = await Promise.all(times(20, () => api.bookUntilAnswered(event._id, { quantity: 2 })));
    const bookings = bookedOf(first);

    const cancelUntilAnswered = async (id: string) => {
      for (;;) {
        const answer = await api.post(`/bookings/${id}/cancel`);
        if (answer.status !== 503) return answer;
      }
    };
    const cancels = bookings.flatMap(({ _id }) => times(5, () => cancelUntilAnswered(_id)));
    const books = times(60, () => api.bookUntilAnswered(event._id, { quantity: 1 }));
    const [cancelled, booked] = await Promise.all([Promise.all(cancels), Promise.all(books)]);

    // Whoever came before the tickets were back was refused: the rest is sold now.
    const later = await Promise.all(times(60, () => api.bookUntilAnswered(event._id, { quantity: 1 })));

    return [
      ...(await checkAnswers(running, [...first, ...booked, ...later])),
      ...compare('cancellations answered with 200', 100, cancelled.filter(({ status }) => status === 200).length),
      ...compare(
        'bookings shown as cancelled',
        100,
        cancelled.filter(({ body }) => body.booking?.status === 'cancelled').length,
      ),
      ...compare('different times of cancellation', 20, new Set(cancelled.map(timeOfCancellation)).size),
      ...compare('bookings kept', 20 + 40, await db.collection('bookings').countDocuments()),
      ...compare('tickets sold', 40, await countSold(db, event._id)),
    ];
  });
});

function timeOfCancellation({ body: { booking } }: Answer): string {
  return `${booking?._id} ${booking?.cancelledAt}`;
}
