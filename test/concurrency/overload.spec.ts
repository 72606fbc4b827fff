import { describe } from '@jest/globals';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Answer, Api } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import { HeldLaneFactory, withHeldLanes, withoutBounds, withoutHangUps, withoutSharing } from '../support/lanes.js';
import { checkAcknowledged, checkAnswers, claim, compare, type Control, itHolds, times } from '../support/race.js';
import type { RunningApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const BOUNDS: Control = { without: 'a bound on those who wait', override: withoutBounds };
const SHARING: Control = { without: 'a queue for each event', override: withoutSharing };
const HANG_UPS: Control = { without: 'an eye on who has hung up', override: withoutHangUps };

const UNDER_WAY = 1;
const MAY_WAIT = 2_000;
const TOO_MANY = 100;
/** A server that is slow to accept connections drops what it has too many of at once. */
const WAVE = 100;

describe('more callers than may wait for one event', () => {
  itHolds(
    'are turned away with 503, while a caller for another event is served, and nothing is lost',
    async (running) => {
      const { api, db } = running;
      const [hot, other] = [await api.createEvent({ totalTickets: 5_000 }), await api.createEvent()];
      const lanes = HeldLaneFactory.of(running);

      lanes.hold();
      const crowd: Promise<Answer>[] = [];
      while (crowd.length < UNDER_WAY + MAY_WAIT + TOO_MANY) {
        const wave = crowd.length === 0 ? UNDER_WAY : WAVE;
        crowd.push(...times(wave, () => api.book(hot._id)));
        await lanes.untilArrived(crowd.length);
      }
      const neighbour = api.book(other._id);
      await lanes.untilArrived(crowd.length + 1);
      lanes.release();

      const answers = await Promise.all(crowd);
      const turnedAway = answers.filter(({ status }) => status === 503);
      const taken = answers.filter(({ status }) => status !== 503);
      return [
        ...compare('callers turned away', TOO_MANY, turnedAway.length),
        ...turnedAway.flatMap(checkTurnedAway),
        ...(await checkAnswers(running, [...taken, await neighbour])),
        ...checkAcknowledged(UNDER_WAY + MAY_WAIT, taken),
        ...compare('answer to the caller for another event', 201, (await neighbour).status),
        ...compare('tickets sold', UNDER_WAY + MAY_WAIT, await countSold(db, hot._id)),
      ];
    },
    [BOUNDS, SHARING],
    () => ({ override: withHeldLanes() }),
  );
});

describe('clients that hang up while they wait', () => {
  itHolds(
    'are not booked for, and keep nobody else waiting',
    async (running) => {
      const { api, db } = running;
      const event = await api.createEvent({ totalTickets: 100 });
      const lanes = HeldLaneFactory.of(running);
      const connections = new ConnectionsOfBooking(running);

      lanes.hold();
      const first = api.book(event._id, { userId: 'patient' });
      await lanes.untilArrived(1);
      const impatient = times(50, () => bookImpatiently(api, event._id));
      await lanes.untilArrived(51);
      const others = times(10, () => api.book(event._id, { userId: 'patient' }));
      await lanes.untilArrived(61);
      for (const caller of impatient) caller.destroy();
      await connections.untilClosed(50);
      lanes.release();

      const answers = await Promise.all([first, ...others]);
      const booked = await db.collection('bookings').countDocuments({ userId: 'impatient' });
      return [
        ...compare('bookings of those who have hung up', 0, booked),
        ...(await checkAnswers(running, answers)),
        ...checkAcknowledged(11, answers),
        ...compare('tickets sold', 11, await countSold(db, event._id)),
      ];
    },
    [HANG_UPS],
    () => ({ override: withHeldLanes() }),
  );
});

/** What is wrong with the answer of somebody who is asked to come back. */
function checkTurnedAway({ headers, body }: Answer): string[] {
  const wait = headers.get('retry-after') ?? '';
  const isAsked = body.code === 'overloaded' && /^[123]$/.test(wait);
  return claim(`asked to come back in 1 to 3 seconds: ${body.code}, ${wait}`, isAsked);
}

/** The server's connections over which a booking has been asked for. */
class ConnectionsOfBooking {
  private closed = 0;

  constructor({ app }: RunningApp) {
    app.getHttpServer().prependListener('request', ({ url, socket }: IncomingMessage) => {
      if (url === '/book') socket.once('close', () => (this.closed += 1));
    });
  }

  untilClosed(count: number): Promise<void> {
    return until(`${count} connections are closed`, () => this.closed >= count);
  }
}

function bookImpatiently({ url }: Api, eventId: string): ClientRequest {
  const headers = { 'content-type': 'application/json' };
  const sent = request(`${url}/book`, { method: 'POST', headers, agent: false });
  sent.once('error', () => undefined);
  sent.end(JSON.stringify({ eventId, userId: 'impatient' }));
  return sent;
}
