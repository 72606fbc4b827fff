import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { failNext } from '../support/fail-command.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';

/** Just shorter than the driver waits for an answer before it tries again on another connection. */
const STUCK: Parameters<typeof failNext>[2] = { failCommands: ['find'], blockConnection: true, blockTimeMS: 9_000 };

/** One command whose answer does not come: the database is well otherwise. */
describe('while one read of an event is stuck', () => {
  let replicaSet: MongoMemoryReplSet;
  let running: RunningApp;
  let other: { readonly _id: string };
  let soldOut: { readonly _id: string };
  let stuckRead: Promise<{ readonly status: number }>;
  beforeAll(async () => {
    replicaSet = await startReplicaSet();
    running = await startApp({ uri: uriOn(replicaSet) });
    const { api } = running;
    const events = await Promise.all([1, 2, 1].map((totalTickets) => api.createEvent({ totalTickets })));
    [other, soldOut] = [events[1]!, events[2]!];
    for (const { _id } of [soldOut, other]) await api.book(_id);
    const untilStuck = await failNext(running.db, 1, STUCK);
    stuckRead = api.get(`/events/${events[0]!._id}`);
    // The failure is for one command: once that has come, the next ones are answered.
    await untilStuck();
  });
  afterAll(async () => {
    expect((await stuckRead).status).toBe(200);
    await running.close();
    await replicaSet.stop();
  });

  /** `first` where it is answered before the read that is stuck. */
  const orStuck = async <Result>(first: Promise<Result>) =>
    Promise.race([first, stuckRead.then(() => 'not before the stuck read')]);

  it('other events are shown', async () => {
    const shown = await orStuck(running.api.get(`/events/${other._id}`));

    expect(shown).toMatchObject({ status: 200, body: { event: { _id: other._id } } });
  });

  it('other events are sold, and a sold out one is refused', async () => {
    const refused = running.api.book(soldOut._id);
    // By then the refusal is being decided, when the next booking comes.
    await running.api.get('/health/ready');
    const booked = await orStuck(running.api.book(other._id));

    expect(booked).toMatchObject({ status: 201 });
    expect(await orStuck(refused)).toMatchObject({ status: 409, body: { code: 'sold_out' } });
  });
});
