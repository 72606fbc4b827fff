import { afterAll, beforeAll, describe } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { mongo } from 'mongoose';
import { MovementsRepository } from '../../src/events/inventory/movements.repository.js';
import { readFeed } from '../support/mirror.js';
import { compare, itHolds } from '../support/race.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';
import { until } from '../support/until.js';
import { without } from '../support/without.js';

const MAJORITY = without('the majority', MovementsRepository, 'after', (_after, repository) => {
  return async function* (eventId, revision, limit) {
    const filter = { eventId: new mongo.ObjectId(eventId), revision: { $gt: revision } };
    const local = { readConcern: { level: 'local' } } as const;
    const { collection } = repository['movements'];
    for await (const record of collection.find(filter, local).sort({ revision: 1 }).limit(limit)) {
      const [at, madeRevision] = [record['at'].getTime() as number, record['revision'] as number];
      yield { eventId, revision: madeRevision, at, lines: [] };
    }
  };
});

let replicaSet: MongoMemoryReplSet;
beforeAll(async () => {
  replicaSet = await startReplicaSet(3);
});
afterAll(() => replicaSet.stop());

/** Lets no secondary take anything from the primary while `work` runs: what is committed then can still be rolled back. */
async function whileNobodyFollows<Result>(work: () => Promise<Result>): Promise<Result> {
  const primary = await findPrimary();
  const secondaries = replicaSet.servers
    .map((server) => `127.0.0.1:${server.instanceInfo!.port}`)
    .filter((host) => host !== primary)
    .map((host) => new mongo.MongoClient(`mongodb://${host}/?directConnection=true`));
  const setAll = (mode: 'alwaysOn' | 'off') =>
    Promise.all(
      secondaries.map((client) => client.db('admin').command({ configureFailPoint: 'stopReplProducer', mode })),
    );
  await setAll('alwaysOn');
  try {
    return await work();
  } finally {
    await setAll('off');
    await Promise.all(secondaries.map((client) => client.close()));
  }
}

async function findPrimary(): Promise<string> {
  const client = new mongo.MongoClient(replicaSet.getUri());
  try {
    return (await client.db('admin').command({ hello: 1 }))['primary'] as string;
  } finally {
    await client.close();
  }
}

describe('a booking that the primary alone has', () => {
  itHolds(
    'is not in the feed before a majority has it, and then it is',
    async ({ api, db }) => {
      const event = await api.createEvent();
      await api.book(event._id);
      const ofEvent = { eventId: new mongo.ObjectId(event._id) };

      const { during, booked } = await whileNobodyFollows(async () => {
        const answer = api.book(event._id);
        const countLocally = () => db.collection('movements').countDocuments(ofEvent);
        await until('the primary has the booking', async () => (await countLocally()) === 3);
        // Its answer comes once a majority has it: nobody may wait for that here.
        return { during: await readFeed(api, event._id, 0), booked: { answer } };
      });
      const { status } = await booked.answer;
      const after = await readFeed(api, event._id, during.next);

      return [
        ...compare('movements while the primary alone has the third', 2, during.movements.length),
        ...compare('the answer', 201, status),
        ...compare('movements after that', 1, after.movements.length),
      ];
    },
    [MAJORITY],
    () => ({ uri: uriOn(replicaSet) }),
  );
});
