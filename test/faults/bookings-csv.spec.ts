import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { BookingsRepository } from '../../src/bookings/store/bookings.repository.js';
import { askSlowly, readAll } from '../support/download.js';
import { expectProblem } from '../support/expect-problem.js';
import { failNext, MORE_THAN_THE_DRIVER_RETRIES } from '../support/fail-command.js';
import { insertLargeBookings } from '../support/large-bookings.js';
import { claim, compare, itHolds } from '../support/race.js';
import { startApp } from '../support/start-app.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';
import { without } from '../support/without.js';

const HONEST = without('the error', BookingsRepository, 'all', (all) => {
  return async function* (filter) {
    try {
      yield* all(filter);
    } catch {
      // As if that were all.
    }
  };
});

let replicaSet: MongoMemoryReplSet;
beforeAll(async () => {
  replicaSet = await startReplicaSet();
});
afterAll(() => replicaSet.stop());

describe('a database that fails in the middle of a file of bookings', () => {
  itHolds(
    'breaks the connection: nobody takes what came for all of it',
    async ({ api, db }) => {
      const event = await api.createEvent();
      await insertLargeBookings(db, event._id, 2_000);
      await failNext(db, 1, { failCommands: ['getMore'], closeConnection: true });

      const answer = await askSlowly(`${api.url}/events/${event._id}/bookings.csv`);
      const { text, isWhole } = await readAll(answer);

      return [
        ...compare('the status', 200, answer.statusCode!),
        ...claim('a part has come', text.length > 0),
        ...claim('it does not look complete', !isWhole),
      ];
    },
    [HONEST],
    () => ({ uri: uriOn(replicaSet) }),
  );

  it('before its first byte, is a 503', async () => {
    const running = await startApp({ uri: uriOn(replicaSet) });
    try {
      const { api, db } = running;
      const event = await api.createEvent();
      await api.get(`/events/${event._id}`);
      await failNext(db, MORE_THAN_THE_DRIVER_RETRIES, { failCommands: ['find'], closeConnection: true });

      const answer = await api.get(`/events/${event._id}/bookings.csv`);

      expectProblem(answer, 503, 'database_unavailable');
      expect(answer.headers.get('content-disposition')).toBeNull();
    } finally {
      await failNext(running.db, 0, { failCommands: [] });
      await running.close();
    }
  });
});
