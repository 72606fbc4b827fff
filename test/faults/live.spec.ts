import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { LiveBoard } from '../../src/live/live-board.js';
import { expectProblem } from '../support/expect-problem.js';
import { whileFailing } from '../support/fail-command.js';
import { LiveStream } from '../support/live-stream.js';
import { compare, itHolds, times } from '../support/race.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';
import { until } from '../support/until.js';
import { without } from '../support/without.js';

const CHANGE_STREAM_HISTORY_LOST = 286;

let replicaSet: MongoMemoryReplSet;
afterEach(() => replicaSet.stop());

async function metricOf({ api }: RunningApp, name: string): Promise<number> {
  const { body } = await api.get('/metrics');
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(body as string)?.[1]);
}

describe('a primary that steps down while tickets are sold', () => {
  beforeEach(async () => (replicaSet = await startReplicaSet(3)));

  it('keeps no listener from the newest state, and ends no stream', async () => {
    const running = await startApp({ uri: uriOn(replicaSet) });
    const other = await startApp({ uri: running.uri });
    const event = await running.api.createEvent({ totalTickets: 1_000 });
    const streams = await Promise.all(times(10, () => LiveStream.ofEvent(running.api.url, event._id)));
    try {
      const rush = Promise.all(times(120, () => other.api.bookUntilAnswered(event._id)));
      await until('5 tickets are sold', () => streams.every(({ last }) => (last?.soldTickets ?? 0) >= 5));
      await running.db.admin().command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5, force: true });
      await rush;
      const { revision, soldTickets } = (await other.api.get(`/events/${event._id}`)).body.event;
      for (const stream of streams) {
        expect(await stream.untilSold(soldTickets)).toMatchObject({ revision, availableTickets: 1_000 - soldTickets });
        const revisions = stream.states.map((state) => state.revision);
        expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
        expect(stream.hasEnded).toBe(false);
      }
      const late = await LiveStream.ofEvent(running.api.url, event._id);
      await late.untilSold(soldTickets);
      late.close();
    } finally {
      for (const stream of streams) stream.close();
      await other.close();
      await running.close();
    }
  });
});

const READ_AGAIN = without('a new read after a new change stream', LiveBoard, 'missed', () => () => undefined);

describe('a change stream that can not be resumed', () => {
  beforeEach(async () => (replicaSet = await startReplicaSet()));

  itHolds(
    'hides nothing that was sold while there was none',
    async (running) => {
      const { api, db } = running;
      const [sold, marker] = [await api.createEvent(), await api.createEvent()];
      const stream = await LiveStream.open(api.url, `/availability/stream?eventIds=${sold._id},${marker._id}`);
      const soldOf = ({ _id }: { _id: string }) =>
        stream.states.filter(({ eventId }) => eventId === _id).at(-1)?.soldTickets;
      await stream.untilStates(2);
      const failure = { failCommands: ['getMore', 'aggregate'], errorCode: CHANGE_STREAM_HISTORY_LOST };
      await whileFailing(db, failure, async () => {
        await until('there is no change stream', async () => (await metricOf(running, 'live_interrupted')) === 1);
        await api.bookUntilAnswered(sold._id, { quantity: 3 });
        // A new change stream begins with the last write: this one.
        await api.createEvent();
      });
      await until('there is one again', async () => (await metricOf(running, 'live_interrupted')) === 0);
      await api.bookUntilAnswered(marker._id);
      await until('the change after that has come', () => soldOf(marker) === 1);
      stream.close();
      return compare('tickets that the listener knows to be sold', 3, soldOf(sold) ?? 0);
    },
    [READ_AGAIN],
    () => ({ uri: uriOn(replicaSet) }),
  );
});

describe('a database that freezes', () => {
  beforeEach(async () => (replicaSet = await startReplicaSet()));

  it('ends no stream, opens none, and is followed again when it is back', async () => {
    const running = await startApp({ uri: uriOn(replicaSet) });
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 50 });
    const [stream, path] = [await LiveStream.ofEvent(api.url, event._id), `/events/${event._id}/availability/stream`];
    await stream.untilStates(1);
    const mongod = replicaSet.servers[0]!.instanceInfo!.instance.mongodProcess!;
    try {
      mongod.kill('SIGSTOP');
      await until('the server is not ready', async () => (await api.get('/health/ready')).status === 503);
      expectProblem(await api.get(path), 503, 'database_unavailable');
      mongod.kill('SIGCONT');
      await Promise.all(times(20, () => api.bookUntilAnswered(event._id)));
      const { soldTickets, revision } = (await api.get(`/events/${event._id}`)).body.event;
      expect(await stream.untilSold(soldTickets)).toMatchObject({ revision });
      expect(stream.hasEnded).toBe(false);
    } finally {
      mongod.kill('SIGCONT');
      stream.close();
      await running.close();
    }
  });
});
