import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { failNext } from '../support/fail-command.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';

/** Longer than the driver waits for an answer. */
const STUCK: Parameters<typeof failNext>[2] = { failCommands: ['find'], blockConnection: true, blockTimeMS: 14_000 };

/** One command whose answer does not come: the database is well otherwise. */
describe('while one read of an event is stuck', () => {
  let replicaSet: MongoMemoryReplSet;
  let running: RunningApp;
  let stuck: { readonly _id: string };
  let other: { readonly _id: string };
  let soldOut: { readonly _id: string };
  beforeAll(async () => {
    replicaSet = await startReplicaSet();
    running = await startApp({ uri: uriOn(replicaSet) });
  });
  afterAll(async () => {
    await running.close();
    await replicaSet.stop();
  });

  let stuckRead: Promise<{ readonly status: number }>;
  beforeEach(async () => {
    const { api } = running;
    [stuck, other, soldOut] = await Promise.all([1, 2, 1].map((totalTickets) => api.createEvent({ totalTickets })));
    for (const { _id } of [soldOut!, other!]) await api.book(_id);
    await failNext(running.db, 1, STUCK);
    stuckRead = api.get(`/events/${stuck!._id}`);
    // The failure is for one command: once that has come, the next ones are answered.
    await api.get('/health/ready');
  });

  /** `first` where it is answered before the read that is stuck. */
  const orStuck = async <Result>(first: Promise<Result>) =>
    Promise.race([first, stuckRead.then(() => 'not before the stuck read')]);

  it('other events are shown', async () => {
    const shown = await orStuck(running.api.get(`/events/${other._id}`));
    await stuckRead;

    expect(shown).toMatchObject({ status: 200, body: { event: { availableTickets: 1 } } });
  });

  it('other events are sold, beside somebody who is to be told that his is sold out', async () => {
    const refused = running.api.book(soldOut._id);
    // He is being looked at when the next one comes.
    await running.api.get('/health/ready');
    const booked = await orStuck(running.api.book(other._id));
    await Promise.all([stuckRead, refused]);

    expect(booked).toMatchObject({ status: 201 });
  });

  it('"sold out" is said', async () => {
    const refused = await orStuck(running.api.book(soldOut._id));
    await stuckRead;

    expect(refused).toMatchObject({ status: 409, body: { code: 'sold_out' } });
  });
});
