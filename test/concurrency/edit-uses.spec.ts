import { describe } from '@jest/globals';
import { mongo } from 'mongoose';
import type { Answer, Api } from '../support/api.js';
import { edit, remove, USES } from '../support/edit-races.js';
import { checkVerdicts, onTwo, untilAnswered } from '../support/hold-races.js';
import { claim, itHolds, times } from '../support/race.js';
import type { RunningApp } from '../support/start-app.js';

const PAIRS = 16;

describe('sections that are removed while they are booked, on two instances', () => {
  itHolds(
    'are gone and nobody has their tickets, or stay',
    (running) =>
      onTwo(running, async (apis) => {
        const sections = times(PAIRS + 1, (index) => ({ name: `Box ${index}`, capacity: 2 }));
        const event = await running.api.createEvent({ sections });
        const ids = event.sections.slice(0, PAIRS).map(({ _id }: { _id: string }) => _id) as string[];

        const removals = await Promise.all(
          ids.map((_id, index) =>
            raceFor(
              index,
              () => edit(apis(index), event._id, { sections: [{ _id, remove: true }] }),
              (caller) => bookAndCancel(apis(index + caller), event._id, { sectionId: _id }),
            ),
          ),
        );

        const left = new Set(
          (await running.api.get(`/events/${event._id}`)).body.event.sections.map(({ _id }: { _id: string }) => _id),
        );
        const faults = await Promise.all(
          ids.map(async (_id, index) => {
            const { removal, bookings } = removals[index]!;
            const sold = await countUses(running, { 'items.sectionId': new mongo.ObjectId(_id) });
            const isGone = removal.status === 200;
            return [
              ...checkVerdicts(`the removal of ${_id}`, ['200', '409 section_in_use'], [removal]),
              ...checkVerdicts('a booking', ['201', '404 section_not_found', '409 sold_out'], bookings),
              ...claim(`${_id} is gone or stays, as the organiser was told`, left.has(_id) !== isGone),
              ...claim(`${_id} is gone or has bookings: ${sold}`, sold > 0 !== isGone),
            ];
          }),
        );
        return [...faults.flat(), ...claim('some are gone', left.size < PAIRS + 1)];
      }),
    [USES],
  );
});

describe('events that are deleted while they are booked and held, on two instances', () => {
  itHolds(
    'are gone and nobody has their tickets, or stay',
    (running) =>
      onTwo(running, async (apis) => {
        const events = await Promise.all(times(PAIRS, () => running.api.createEvent({ totalTickets: 5 })));

        const faults = await Promise.all(
          events.map(async ({ _id }, index) => {
            const { removal, bookings } = await raceFor(
              index,
              () => remove(apis(index), _id),
              (caller) => {
                const api = apis(index + caller);
                return index % 4 < 2 ? bookAndCancel(api, _id) : untilAnswered(() => api.hold(_id));
              },
            );
            const isGone = removal.status === 204;
            const uses = await countUses(running, { eventId: new mongo.ObjectId(_id as string) });
            const after = await Promise.all([0, 1].map((caller) => apis(caller).bookUntilAnswered(_id)));
            return [
              ...checkVerdicts(`the deletion of ${_id}`, ['204', '409 event_in_use'], [removal]),
              ...checkVerdicts('a booking or a hold', ['201', '404 event_not_found'], bookings),
              ...checkVerdicts('a booking afterwards', [isGone ? '404 event_not_found' : '201'], after),
              ...claim(`${_id} is gone or has uses: ${uses}`, uses > 0 !== isGone),
            ];
          }),
        );
        const left = await running.db.collection('events').countDocuments();
        return [...faults.flat(), ...claim('some are gone', left < PAIRS)];
      }),
    [USES],
  );
});

interface Raced {
  readonly removal: Answer;
  readonly bookings: readonly Answer[];
}

/** A removal that comes first, last, or in the midst of bookings. */
async function raceFor(
  index: number,
  send: () => Promise<Answer>,
  book: (caller: number) => Promise<Answer>,
): Promise<Raced> {
  if (index % 4 === 0) return { removal: await send(), bookings: [await book(0), await book(1)] };
  if (index % 4 === 1) {
    const first = await book(1);
    return { removal: await send(), bookings: [first] };
  }
  const before = book(0);
  const removal = send();
  return { removal: await removal, bookings: await Promise.all([before, book(1)]) };
}

/** Returns the answer to the booking. All of its tickets are available again. */
async function bookAndCancel(api: Api, eventId: string, more: Record<string, unknown> = {}): Promise<Answer> {
  const booked = await api.bookUntilAnswered(eventId, more);
  if (booked.status === 201) await untilAnswered(() => api.post(`/bookings/${booked.body.booking._id}/cancel`));
  return booked;
}

async function countUses({ db }: RunningApp, filter: mongo.Filter<mongo.Document>): Promise<number> {
  const counts = await Promise.all(['bookings', 'holds'].map((name) => db.collection(name).countDocuments(filter)));
  return counts[0]! + counts[1]!;
}
