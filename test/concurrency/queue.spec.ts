import { describe } from '@jest/globals';
import type { mongo } from 'mongoose';
import type { Answer } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import { onTwo } from '../support/hold-races.js';
import { emptyQueue, RESPOND_ASYNC, withSilentBell } from '../support/queues.js';
import { bookedOf, compare, isSoldOut, itHolds, times, WALLS, withAnother } from '../support/race.js';
import { withKinds } from '../support/registrations.js';
import type { RunningApp } from '../support/start-app.js';
import { until } from '../support/until.js';

/** Who asks without the queue is decided as if nobody waited there. */
const WAITING_BEHIND = withKinds('a wait behind the queue', ['book'], (kind) => ({
  decide: (command, draft) => kind.decide({ ...command, isFirstInQueue: true } as typeof command, draft),
}));

const requestsOf = ({ db }: RunningApp) => db.collection('requests').find().sort({ number: 1 }).toArray();

const queue = (answer: Promise<Answer>) =>
  answer.then(({ status }) => (status === 202 || status === 409 ? [] : [`a request is answered ${status}`]));

/** Until a request is answered by something else than a 503: nothing was queued then. */
async function enqueue(api: RunningApp['api'], eventId: string, userId: string): Promise<Answer> {
  for (;;) {
    const answer = await api.book(eventId, { userId }, RESPOND_ASYNC);
    if (answer.status !== 503) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Whether of all requests, which want one ticket each, the first ones have got one. */
function checkFirst(requests: readonly mongo.Document[]): string[] {
  const outcomes = requests.map(({ status }) => status as string).filter((status) => status !== 'failed');
  const firstRefused = outcomes.indexOf('refused');
  const late = firstRefused < 0 ? [] : outcomes.slice(firstRefused).filter((status) => status === 'done');
  return [
    ...compare('requests that wait for ever', 0, outcomes.filter((status) => status === 'queued').length),
    ...compare('requests that got a ticket after one that got none', 0, late.length),
  ];
}

describe('requests of 120 users, and 40 callers who do not wait in the queue, on two instances', () => {
  itHolds(
    'are decided once, in their order, and each ticket is sold once',
    (running) =>
      onTwo(running, async (apis) => {
        const { _id: eventId } = await running.api.createEvent({ totalTickets: 60 });
        const [odd, answers] = await Promise.all([
          Promise.all(times(120, (user) => queue(enqueue(apis(user), eventId, `queued${user}`)))),
          Promise.all(times(40, (user) => apis(user).bookUntilAnswered(eventId, { userId: `caller${user}` }))),
        ]);
        await until('nothing waits', async () => {
          return (await running.db.collection('requests').countDocuments({ status: 'queued' })) === 0;
        });
        const requests = await requestsOf(running);
        const done = requests.filter(({ status }) => status === 'done').length;
        const booked = bookedOf(answers).length;
        return [
          ...odd.flat(),
          ...checkFirst(requests),
          ...answers.filter((answer) => answer.status !== 201 && !isSoldOut(answer)).map(({ status }) => `a ${status}`),
          ...compare('tickets sold', 60, await countSold(running.db, eventId)),
          ...compare('tickets of callers and of requests', 60, booked + done),
        ];
      }),
    [WALLS],
  );
});

describe('callers who come while 10 requests wait for the last 10 tickets, on two instances that decide at once', () => {
  itHolds(
    'get none: who waits in the queue comes first',
    (running) =>
      withAnother(running, async (other) => {
        const apis = (index: number) => (index % 2 === 0 ? running.api : other.api);
        const { _id: eventId } = await running.api.createEvent({ totalTickets: 10 });
        for (const user of times(10, (index) => index)) await enqueue(apis(user), eventId, `queued${user}`);

        const callers = times(10, (user) => apis(user).bookUntilAnswered(eventId, { userId: `caller${user}` }));
        // They are there before anybody decides.
        await new Promise((done) => setTimeout(done, 500));
        await Promise.all([emptyQueue(running, eventId), emptyQueue(other, eventId)]);

        const answers = await Promise.all(callers);
        const requests = await requestsOf(running);
        return [
          ...compare('requests that got a ticket', 10, requests.filter(({ status }) => status === 'done').length),
          ...compare('callers who got one', 0, bookedOf(answers).length),
          ...checkFirst(requests),
        ];
      }),
    [WAITING_BEHIND],
    () => ({ override: withSilentBell }),
  );
});
