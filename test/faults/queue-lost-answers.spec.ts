import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { countSold, findImbalances } from '../support/check-books.js';
import {
  COMMIT_APPLIED_BUT_UNANSWERED,
  COMMIT_NEITHER_APPLIED_NOR_ANSWERED,
  failNext,
  MORE_THAN_THE_DRIVER_RETRIES,
} from '../support/fail-command.js';
import { emptyQueue, RESPOND_ASYNC, withSilentBell } from '../support/queues.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';

describe('requests in a queue', () => {
  let replicaSet: MongoMemoryReplSet;
  let running: RunningApp;
  beforeAll(async () => {
    replicaSet = await startReplicaSet();
    running = await startApp({ uri: uriOn(replicaSet), override: withSilentBell });
  });
  afterAll(async () => {
    await running.close();
    await replicaSet.stop();
  });

  const statusesOf = async (eventId: string) => {
    const requests = await running.db.collection('requests').find().sort({ number: 1 }).toArray();
    return requests.filter((request) => String(request['eventId']) === eventId).map(({ status }) => status as string);
  };

  it.each([
    ['applied', COMMIT_APPLIED_BUT_UNANSWERED],
    ['not applied', COMMIT_NEITHER_APPLIED_NOR_ANSWERED],
  ])('are decided once when the commit gets no answer: %s', async (_what, failure) => {
    const { api, db } = running;
    const { _id: eventId } = await api.createEvent({ totalTickets: 6 });
    for (let user = 0; user < 9; user++) {
      expect((await api.book(eventId, { userId: `user${user}` }, RESPOND_ASYNC)).status).toBe(202);
    }
    await failNext(db, MORE_THAN_THE_DRIVER_RETRIES, failure);
    await emptyQueue(running, eventId);
    expect(await statusesOf(eventId)).toEqual([...Array<string>(6).fill('done'), ...Array<string>(3).fill('refused')]);
    expect(await countSold(db, eventId)).toBe(6);
    expect(await findImbalances(db)).toEqual([]);
  });

  it.each([
    ['applied', COMMIT_APPLIED_BUT_UNANSWERED],
    ['not applied', COMMIT_NEITHER_APPLIED_NOR_ANSWERED],
  ])('are put into it once when the commit gets no answer: %s', async (_what, failure) => {
    const { api, db } = running;
    const { _id: eventId } = await api.createEvent({ totalTickets: 6 });
    await failNext(db, MORE_THAN_THE_DRIVER_RETRIES, failure);
    expect((await api.book(eventId, {}, RESPOND_ASYNC)).status).toBe(202);
    expect(await statusesOf(eventId)).toEqual(['queued']);
    await emptyQueue(running, eventId);
    expect(await statusesOf(eventId)).toEqual(['done']);
    expect(await findImbalances(db)).toEqual([]);
  });
});
