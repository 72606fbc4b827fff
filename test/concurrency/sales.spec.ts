import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '@jest/globals';
import { SalesRepository } from '../../src/events/inventory/sales.repository.js';
import { confirm, onTwo, release, untilAnswered } from '../support/hold-races.js';
import { EFFECTS, type FeedMovement, readFeed } from '../support/mirror.js';
import { claim, itHolds, times } from '../support/race.js';
import type { Api } from '../support/api.js';
import { without } from '../support/without.js';

/** The movements are read a moment after the event. */
const ONE_MOMENT = without('one moment for an event and its movements', SalesRepository, 'read', (read) => {
  return async (eventId, rangeOf) => {
    const books = await read(eventId, rangeOf);
    if (!books) return undefined;
    await sleep(30);
    const later = await read(eventId, () => books.range);
    return later && { ...books, moved: later.moved };
  };
});

interface Bucket {
  readonly at: string;
  readonly totalTickets: number;
  readonly availableTickets: number;
  readonly heldTickets: number;
  readonly soldTickets: number;
  readonly booked: number;
  readonly held: number;
}
interface Sales {
  readonly revision: number;
  readonly from: string;
  readonly buckets: readonly Bucket[];
}

describe('the sales of an event that is sold, held and cancelled on two instances', () => {
  itHolds(
    'are balanced in each answer, and what its movements up to its revision add up to',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({
          sections: ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 60 })),
        });
        const buy = async (caller: number) => {
          const api = apis(caller);
          const wish = { sectionId: event.sections[caller % 2]._id, userId: `user${caller}` };
          const { status, body } = await api.bookUntilAnswered(event._id, wish);
          if (status === 201 && caller % 3 === 0)
            await untilAnswered(() => api.post(`/bookings/${body.booking._id}/cancel`));
        };
        const hold = async (caller: number) => {
          const wish = { sectionId: event.sections[caller % 2]._id, userId: `user${caller}` };
          const { status, body } = await untilAnswered(() => apis(caller).hold(event._id, wish));
          if (status === 201) await (caller % 3 === 0 ? confirm : release)(apis(caller + 1), body.hold._id);
        };
        const answers: Sales[] = [];
        let isOver = false;
        const watch = async (api: Api) => {
          while (!isOver) {
            const { status, body } = await api.get(`/events/${event._id}/sales?step=1`);
            if (status === 200) answers.push(body);
          }
        };
        const tills = (first: number, ask: (caller: number) => Promise<unknown>) =>
          times(6, async (till) => {
            for (let turn = 0; turn < 10; turn++) await ask(first + till + turn * 6);
          });
        const watching = [watch(apis(0)), watch(apis(1))];
        await Promise.all([...tills(0, buy), ...tills(100, hold)]);
        isOver = true;
        await Promise.all(watching);

        const movements = await readAll(running.api, event._id);
        const revisions = new Set(answers.map(({ revision }) => revision));
        return [
          ...claim(`answers at ${revisions.size} revisions`, revisions.size >= 5),
          ...answers.flatMap((answer) => check(answer, movements)).slice(0, 5),
        ];
      }),
    [ONE_MOMENT],
  );
});

async function readAll(api: Api, eventId: string): Promise<FeedMovement[]> {
  const all: FeedMovement[] = [];
  for (let next = 0, hasMore = true; hasMore;) {
    const page = await readFeed(api, eventId, next, 100);
    all.push(...page.movements);
    ({ next, hasMore } = page);
  }
  return all;
}

/** What is wrong with an answer, by a recount of all movements up to its revision. */
function check({ revision, from, buckets }: Sales, all: readonly FeedMovement[]): string[] {
  const movements = all.filter((movement) => movement.revision <= revision);
  return buckets.flatMap((bucket, index) => {
    const isLast = index === buckets.length - 1;
    const start = index === 0 ? from : buckets[index - 1]!.at;
    const until = movements.filter(({ at }) => isLast || at <= bucket.at);
    const [available, held, sold] = [0, 1, 2].map((count) => sum(until, (kind) => EFFECTS[kind]![count]!));
    const within = until.filter(({ at }) => at > start);
    const expected = [
      available,
      held,
      sold,
      sum(within, (kind) => +(kind === 'booked')),
      sum(within, (kind) => +(kind === 'held')),
    ];
    const { totalTickets, availableTickets, heldTickets, soldTickets } = bucket;
    const found = [availableTickets, heldTickets, soldTickets, bucket.booked, bucket.held];
    return [
      ...claim(`revision ${revision}, ${bucket.at}: ${found}, and not ${expected}`, `${found}` === `${expected}`),
      ...claim(`revision ${revision} is balanced`, totalTickets === availableTickets + heldTickets + soldTickets),
    ];
  });
}

function sum(movements: readonly FeedMovement[], weight: (kind: string) => number): number {
  const lines = movements.flatMap((movement) => movement.lines);
  return lines.reduce((total, { kind, quantity }) => total + weight(kind) * quantity, 0);
}
