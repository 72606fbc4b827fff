import { afterEach, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { HoldPulse } from '../../src/holds/index.js';
import { findImbalances } from '../support/check-books.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const servers: RunningApp[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

it('holds of events that nobody asks about are ended by the pulse, which one server at a time has', async () => {
  const one = await startApp();
  const other = await startApp({ uri: one.uri });
  servers.push(one, other);
  const pulses = [one, other].map(({ app }) => app.get(HoldPulse));
  const events = [await one.api.createEvent(), await one.api.createEvent()];
  for (const { _id } of events) expect((await one.api.hold(_id, { quantity: 3, ttlSeconds: 1 })).status).toBe(201);
  const heldTickets = async () => {
    const stored = await one.db.collection('events').find().toArray();
    return stored.reduce((sum, event) => sum + event['heldTickets'], 0);
  };
  expect(await heldTickets()).toBe(6);

  const rounds: (readonly string[])[][] = [];
  await until('the holds have ended', async () => {
    rounds.push(await Promise.all(pulses.map((pulse) => pulse.settleSome())));
    return (await heldTickets()) === 0;
  });
  const settled = new Set(rounds.flat(2));
  expect([...settled].sort()).toEqual(events.map(({ _id }) => _id).sort());
  for (const round of rounds) expect(round.filter((ids) => ids.length > 0).length).toBeLessThanOrEqual(1);
  const stored = await one.db.collection('holds').find().toArray();
  expect(stored.map(({ status }) => status)).toEqual(['expired', 'expired']);
  expect(await findImbalances(one.db)).toEqual([]);
});

it('the server that has the pulse shows how many refunds are due', async () => {
  const one = await startApp();
  const other = await startApp({ uri: one.uri });
  servers.push(one, other);
  const pulses = [one, other].map(({ app }) => app.get(HoldPulse));
  const refundsDue = async () => {
    for (const pulse of pulses) await pulse.settleSome();
    const shown = servers.map(
      async ({ app }) => (await app.get(Registry).metrics()).match(/^holds_refunds_due (\d+)/m)![1],
    );
    return Promise.all(shown);
  };
  expect(await refundsDue()).toEqual(['0', '0']);
  const event = await one.api.createEvent();
  const ids: string[] = [];
  for (const userId of ['ann', 'bob']) {
    const { _id } = (await one.api.hold(event._id, { userId })).body.hold;
    await one.api.post(`/holds/${_id}/release`);
    for (const name of ['one', 'two']) {
      const answer = await one.api.post(`/holds/${_id}/confirm`, { paymentReference: `${name}-${userId}` });
      expect(answer.status).toBe(409);
    }
    ids.push(_id);
  }
  expect(await refundsDue()).toEqual(['2', '0']);
  await other.api.post(`/holds/${ids[0]}/settled`);
  expect(await refundsDue()).toEqual(['1', '0']);
});

it('a server that has ended leaves the pulse to another', async () => {
  const one = await startApp();
  const other = await startApp({ uri: one.uri });
  servers.push(other);
  const event = await one.api.createEvent();
  await one.app.get(HoldPulse).settleSome();
  await one.close();

  expect((await other.api.hold(event._id, { ttlSeconds: 1 })).status).toBe(201);
  await until('the other one ends the hold', async () => {
    return (await other.app.get(HoldPulse).settleSome()).includes(event._id);
  });
  expect((await other.db.collection('holds').findOne())!['status']).toBe('expired');
});
