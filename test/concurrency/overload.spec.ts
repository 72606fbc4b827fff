import { afterAll, beforeAll, describe } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type { Answer } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import { whileFrozen } from '../support/freeze.js';
import { withHeldLanes, withoutBounds, withoutHangUps, withoutSharing } from '../support/lanes.js';
import {
  bookedOf,
  checkAcknowledged,
  checkAnswers,
  claim,
  compare,
  type Control,
  isUnknown,
  itHolds,
  times,
} from '../support/race.js';
import type { RunningApp } from '../support/start-app.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';

const BOUNDS: Control = { without: 'a bound on those who wait', override: withoutBounds };
const SHARING: Control = { without: 'a queue for each event', override: withoutSharing };
const HANG_UPS: Control = { without: 'an eye on who has hung up', override: withoutHangUps };
/** One is under way, and 2,000 may wait. */
const CROWD = 2_100;
const WAVE = 100;

let replicaSet: MongoMemoryReplSet;
beforeAll(async () => {
  replicaSet = await startReplicaSet();
});
afterAll(() => replicaSet.stop());

const ownReplicaSet = () => ({ uri: uriOn(replicaSet) });

describe('more callers than may wait for one event', () => {
  itHolds(
    'are turned away with 503, while a caller for another event is served, and nothing is lost',
    async (running) => {
      const { api, db } = running;
      const [hot, other] = [await api.createEvent({ totalTickets: 5_000 }), await api.createEvent()];
      const requests = new Requests(running);

      const { crowd, neighbour } = await whileFrozen(running, replicaSet, async () => {
        const sent: Promise<Answer>[] = [];
        while (sent.length < CROWD) {
          // A server that is slow to accept drops what it has too many of at once.
          sent.push(...times(WAVE, () => api.book(hot._id)));
          await requests.untilArrived(sent.length, '/book');
        }
        const last = api.book(other._id);
        await requests.untilArrived(CROWD + 1, '/book');
        return { crowd: sent, neighbour: last };
      });
      const answers = await Promise.all(crowd);
      const turnedAway = answers.filter(({ status }) => status === 503);

      return [
        ...(await checkAnswers(running, [...answers.filter(({ status }) => status !== 503), await neighbour])),
        ...claim(
          `some are turned away: ${turnedAway.length}`,
          turnedAway.some(({ body }) => body.code === 'overloaded'),
        ),
        ...turnedAway.flatMap(checkTurnedAway),
        ...compare('answers of the caller for another event', 201, (await neighbour).status),
        ...checkSold(answers, await countSold(db, hot._id)),
      ];
    },
    [BOUNDS, SHARING],
    ownReplicaSet,
  );
});

describe('clients that hang up while they wait', () => {
  itHolds(
    'are not booked for, and keep nobody else waiting',
    async (running) => {
      const { api, db } = running;
      const event = await api.createEvent({ totalTickets: 100 });
      const requests = new Requests(running);

      const { patient } = await whileFrozen(running, replicaSet, async () => {
        const first = api.book(event._id, { userId: 'patient' });
        await requests.untilArrived(1, '/book');
        const impatience = new AbortController();
        const hangUps = times(50, () => bookImpatiently(api.url, event._id, impatience.signal));
        await requests.untilArrived(51, '/book');
        const others = times(10, () => api.book(event._id, { userId: 'patient' }));
        await requests.untilArrived(61, '/book');
        impatience.abort();
        await Promise.all(hangUps);
        await requests.untilHungUp(50);
        return { patient: [first, ...others] };
      });
      const answers = await Promise.all(patient);
      const later = await api.bookUntilAnswered(event._id, { userId: 'patient' });

      const impatient = await db.collection('bookings').countDocuments({ userId: 'impatient' });
      return [
        ...compare('bookings of those who have hung up', 0, impatient),
        ...(await checkAnswers(running, [...answers, later])),
        ...checkAcknowledged(12, [...answers, later]),
        ...checkSold([...answers, later], await countSold(db, event._id)),
      ];
    },
    [HANG_UPS],
    () => ({ ...ownReplicaSet(), override: withHeldLanes() }),
  );
});

/** What has come to the server, and whose client is gone. */
class Requests {
  private readonly arrived: string[] = [];
  private hungUp = 0;

  constructor({ app }: RunningApp) {
    const server = app.getHttpServer();
    server.prependListener('request', (request: IncomingMessage) => {
      this.arrived.push(request.url!);
      request.socket.once('close', () => (this.hungUp += 1));
    });
  }

  async untilArrived(count: number, path: string): Promise<void> {
    await until(() => this.arrived.filter((url) => url === path).length >= count);
  }

  async untilHungUp(count: number): Promise<void> {
    await until(() => this.hungUp >= count);
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error('what this test waits for does not happen');
    await new Promise((done) => setTimeout(done, 5));
  }
}

async function bookImpatiently(url: string, eventId: string, signal: AbortSignal): Promise<void> {
  await fetch(`${url}/book`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ eventId, userId: 'impatient' }),
    signal,
  }).catch(() => undefined);
}

/** What is wrong with the answer of somebody who is asked to come back. */
function checkTurnedAway({ headers, body }: Answer): string[] {
  const wait = headers.get('retry-after') ?? '';
  const isHonest = ['overloaded', 'database_unavailable', 'outcome_unknown'].includes(body.code as string);
  return claim(`asked to come back in 1 to 3 seconds: ${body.code}, ${wait}`, isHonest && /^[123]$/.test(wait));
}

/** Whoever was told that he has tickets has them, and nobody has any who was told that he has none. */
function checkSold(answers: readonly Answer[], sold: number): string[] {
  const [booked, unknown] = [bookedOf(answers).length, answers.filter(isUnknown).length];
  return claim(
    `${booked} bookings, ${unknown} unknown and ${sold} tickets sold`,
    sold >= booked && sold <= booked + unknown,
  );
}
