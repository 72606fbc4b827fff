import { describe } from '@jest/globals';
import { mongo } from 'mongoose';
import { MOVEMENT_EFFECTS, type MovementKind } from '../../src/events/inventory/movement.js';
import type { Answer, Api } from '../support/api.js';
import { edit } from '../support/edit-races.js';
import { checkVerdicts, confirm, onTwo, release, untilAnswered, verdictOf } from '../support/hold-races.js';
import { claim, compare, itHolds, times } from '../support/race.js';
import type { RunningApp } from '../support/start-app.js';

const CAPACITIES = [60, 25, 45, 10, 70, 30, 20, 50, 15, 40];

describe('a capacity that goes up and down, and bookings and cancellations, on two instances', () => {
  itHolds('never sell more than the capacity, and refuse nothing that is there', (running) =>
    onTwo(running, async (apis) => {
      const event = await running.api.createEvent({ totalTickets: 40 });
      const bookAndMaybeCancel = async (caller: number): Promise<Answer[]> => {
        const booked = await apis(caller).bookUntilAnswered(event._id, { quantity: 1 + (caller % 3) });
        if (booked.status !== 201 || caller % 4 > 0) return [booked];
        const path = `/bookings/${booked.body.booking._id}/cancel`;
        return [booked, await untilAnswered(() => apis(caller + 1).post(path))];
      };

      const [answers, edits] = await Promise.all([Promise.all(times(80, bookAndMaybeCancel)), resize(apis, event._id)]);

      return [
        ...checkVerdicts('a sale', ['201', '200', '409 sold_out', '409 not_enough_tickets'], answers.flat()),
        ...(await checkCapacities(running, event._id, edits, answers.flat())),
        ...(await checkEdge(apis, event._id)),
      ];
    }),
  );
});

describe('a capacity that goes up and down, and holds that come and go, on two instances', () => {
  itHolds('never hold more than the capacity, and refuse nothing that is there', (running) =>
    onTwo(running, async (apis) => {
      const event = await running.api.createEvent({ totalTickets: 40 });
      const holdAndEnd = async (caller: number): Promise<Answer[]> => {
        const wish = { userId: `user${caller}`, quantity: 1 + (caller % 3) };
        const held = await untilAnswered(() => apis(caller).hold(event._id, wish));
        if (held.status !== 201 || caller % 3 === 0) return [held];
        const end = caller % 3 === 1 ? confirm : release;
        return [held, await end(apis(caller + 1), held.body.hold._id)];
      };

      const [answers, edits] = await Promise.all([Promise.all(times(80, holdAndEnd)), resize(apis, event._id)]);

      return [
        ...checkVerdicts('a hold', ['201', '200', '409 sold_out', '409 not_enough_tickets'], answers.flat()),
        ...(await checkCapacities(running, event._id, edits, answers.flat())),
        ...(await checkEdge(apis, event._id)),
      ];
    }),
  );
});

interface Resized {
  readonly wanted: number;
  readonly answer: Answer;
}

/** Two organisers, each at an instance of its own, want one capacity after the other. */
async function resize(apis: (caller: number) => Api, id: string): Promise<Resized[]> {
  const one = async (organiser: number) => {
    const resized: Resized[] = [];
    for (const wanted of organiser === 0 ? CAPACITIES : CAPACITIES.toReversed()) {
      resized.push({ wanted, answer: await edit(apis(organiser), id, { totalTickets: wanted }) });
    }
    return resized;
  };
  return (await Promise.all([one(0), one(1)])).flat();
}

interface State {
  readonly capacity: number;
  readonly used: number;
}

/** What is wrong where an answer is not true at any moment of the event's history, or the last capacity does not count. */
async function checkCapacities(
  running: RunningApp,
  id: string,
  edits: readonly Resized[],
  sales: readonly Answer[],
): Promise<string[]> {
  const history = await historyOf(running, id);
  const { totalTickets, version } = (await running.api.get(`/events/${id}`)).body.event;
  const made = edits.filter(({ answer }) => answer.status === 200);
  const last = made.find(({ answer }) => answer.body.event.version === version);
  const untrue = edits.filter(({ wanted, answer }) => {
    if (verdictOf(answer) !== '409 capacity_in_use') return false;
    const inUse = Number(/^\d+/.exec(answer.body.detail)?.[0]);
    return !(inUse > wanted && history.some(({ used }) => used === inUse));
  });
  const isSoldOut = sales.some((answer) => verdictOf(answer) === '409 sold_out');
  return [
    ...checkVerdicts(
      'an edit',
      ['200', '409 capacity_in_use', '503 outcome_unknown'],
      edits.map(({ answer }) => answer),
    ),
    ...compare(
      'moments with more in use than there is',
      0,
      history.filter(({ capacity, used }) => used > capacity).length,
    ),
    ...compare(
      'edits answered with another capacity',
      0,
      made.filter((each) => each.answer.body.event.totalTickets !== each.wanted).length,
    ),
    ...compare('untrue refusals of a capacity', 0, untrue.length),
    ...claim('it was sold out', !isSoldOut || history.some(({ capacity, used }) => used === capacity)),
    ...(last ? compare('the capacity that was acknowledged last', last.wanted, totalTickets) : []),
  ];
}

/** Every state of the event, by the lines of its movements: a refusal may lie between two commands of one batch. */
async function historyOf({ db }: RunningApp, id: string): Promise<State[]> {
  const movements = await db
    .collection('movements')
    .find({ eventId: new mongo.ObjectId(id) })
    .sort({ revision: 1 })
    .toArray();
  let [capacity, used] = [0, 0];
  const lines = movements.flatMap((movement) => movement['lines'] as { kind: MovementKind; quantity: number }[]);
  return lines.map(({ kind, quantity }) => {
    const effect = MOVEMENT_EFFECTS[kind];
    capacity += effect.capacity * quantity;
    used += (effect.soldTickets + effect.heldTickets) * quantity;
    return { capacity, used };
  });
}

/** What is wrong at the edge: the capacity goes down to what is in use, not further, and one more is one more to sell. */
async function checkEdge(apis: (caller: number) => Api, id: string): Promise<string[]> {
  const { heldTickets, soldTickets } = (await apis(0).get(`/events/${id}`)).body.event;
  const inUse = heldTickets + soldTickets;
  const answers = [
    await edit(apis(0), id, { totalTickets: inUse }),
    await apis(1).bookUntilAnswered(id),
    await edit(apis(1), id, { totalTickets: inUse - 1 }),
    await edit(apis(1), id, { totalTickets: inUse + 1 }),
    await apis(0).bookUntilAnswered(id),
    await apis(1).bookUntilAnswered(id),
  ];
  const expected = '200,409 sold_out,409 capacity_in_use,200,201,409 sold_out';
  const found = answers.map(verdictOf).join();
  return claim(`at the edge: ${expected}: ${found}`, found === expected);
}
