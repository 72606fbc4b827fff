import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { HoldPulse } from '../../src/holds/index.js';
import { HoldReads } from '../../src/holds/hold-reads.js';
import { SkippingClock, withSkippingClock } from '../support/skipping-clock.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const TTL_SECONDS = 60;

let running: RunningApp;
beforeAll(async () => {
  running = await startApp({ override: withSkippingClock() });
  running.app.get(HoldPulse).onApplicationShutdown();
});
afterAll(() => running.close());

/** The next request finds that its hold has ended while the database was slow. */
function endDuringNextRead(): void {
  const reads = running.app.get(HoldReads);
  const get = reads.get.bind(reads);
  reads.get = async (...about) => {
    reads.get = get;
    const hold = await get(...about);
    SkippingClock.of(running).skip(TTL_SECONDS + 1);
    return hold;
  };
}

it.each([
  ['confirm', { paymentReference: 'pay-1' }, 201],
  ['extend', { ttlSeconds: 2 * TTL_SECONDS }, 200],
  ['release', undefined, 200],
])('a request to %s counts from its arrival, however long the hold takes to be read', async (action, body, status) => {
  const { api, db } = running;
  const { _id: eventId } = await api.createEvent();
  const { hold } = (await api.hold(eventId, { ttlSeconds: TTL_SECONDS })).body;
  // A late confirmation would be refused here.
  const id = new mongo.ObjectId(eventId as string);
  await db.collection('events').updateOne({ _id: id }, { $set: { status: 'paused' } });

  endDuringNextRead();
  expect((await api.post(`/holds/${hold._id}/${action}`, body)).status).toBe(status);
});
