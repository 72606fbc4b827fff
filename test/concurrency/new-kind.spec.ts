import { describe } from '@jest/globals';
import { type Booking } from '../../src/bookings/booking.js';
import { BookingsService, CommandRegistry } from '../../src/bookings/index.js';
import { Problem } from '../../src/common/problem.js';
import { type MoveBetweenSections, moveBetweenSections } from '../support/move-between-sections.js';
import { compare, itHolds, times } from '../support/race.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const CALLERS = 40;
const ROOM = 7;

describe('a kind of command that a feature registers', () => {
  itHolds(
    `moves exactly ${ROOM} of ${CALLERS} bookings to a section that has ${ROOM} tickets, on two instances, while others book`,
    async (running) => {
      const other = await startApp({ uri: running.uri, override: running.override });
      try {
        const event = await running.api.createEvent({
          sections: [
            { name: 'Stalls', capacity: CALLERS },
            { name: 'Balcony', capacity: ROOM },
          ],
        });
        const [from, to] = event.sections.map(({ _id }: { _id: string }) => _id);
        for (const { app } of [running, other]) app.get(CommandRegistry).register({ kinds: [moveBetweenSections] });
        const booked = await Promise.all(
          times(CALLERS, () => running.api.bookUntilAnswered(event._id, { sectionId: from })),
        );
        const moves = booked.map(({ body }, caller) =>
          move(caller % 2 === 0 ? running : other, {
            kind: 'moveBetweenSections',
            eventId: event._id,
            bookingId: body.booking._id,
            from,
            to,
          }),
        );
        const [outcomes, rivals] = await Promise.all([
          Promise.all(moves),
          Promise.all(times(10, () => other.api.bookUntilAnswered(event._id, { sectionId: to }))),
        ]);
        const moved = outcomes.filter((outcome) => outcome === 'moved').length;
        const won = rivals.filter(({ status }) => status === 201).length;
        return compare('tickets of the balcony that somebody has', ROOM, moved + won);
      } finally {
        await other.close();
      }
    },
  );
});

/** `moved`, or the code of the problem; tried again while the answer is "not now". */
async function move({ app }: RunningApp, command: MoveBetweenSections): Promise<string> {
  for (;;) {
    try {
      await app.get(BookingsService).submit<Booking>(command, () => false);
      return 'moved';
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status !== 503) return error.code;
    }
  }
}
