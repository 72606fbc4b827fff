import { expect, it } from '@jest/globals';
import type { BookingsService } from '../../src/bookings/index.js';
import { HoldExpiry } from '../../src/holds/index.js';
import { idOf } from '../support/factories.js';
import { FakeClock } from '../support/fake-clock.js';

const EVENT_IDS = Array.from({ length: 200 }, (_, index) => idOf(index));

function anExpiry(submit: (eventId: string) => Promise<unknown>) {
  const submitted: string[] = [];
  const engine = {
    submit: ({ eventId }: { eventId: string }) => {
      submitted.push(eventId);
      return submit(eventId);
    },
  };
  return { submitted, expiry: new HoldExpiry(engine as unknown as BookingsService, new FakeClock()) };
}

it('lists start the end of holds at a bounded number of events, each once', () => {
  const { submitted, expiry } = anExpiry(() => new Promise(() => undefined));
  for (let time = 0; time < 3; time++) expiry.start(EVENT_IDS);
  expect(submitted).toEqual(EVENT_IDS.slice(0, 50));
});

it('lists start again where it has failed, and nobody is told', async () => {
  const { submitted, expiry } = anExpiry(() => Promise.reject(new Error('overloaded')));
  for (let time = 0; time < 2; time++) {
    expiry.start(EVENT_IDS.slice(0, 2));
    await new Promise((done) => setImmediate(done));
  }
  expect(submitted).toEqual([...EVENT_IDS.slice(0, 2), ...EVENT_IDS.slice(0, 2)]);
});
