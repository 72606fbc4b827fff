import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { ApiKeysService } from '../../src/platform/auth/index.js';
import type { Answer } from '../support/api.js';
import { countSold, findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { bookedOf, checkAnswers, isSoldOut, isUnknown, times } from '../support/race.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const FROZEN_MS = 5_000;

let replicaSet: MongoMemoryReplSet;
let running: RunningApp;
let stopAll: (() => Promise<unknown>)[] = [];

async function start(members: number): Promise<void> {
  replicaSet = await startReplicaSet(members);
  stopAll = [() => replicaSet.stop()];
  running = await startApp({ uri: uriOn(replicaSet) });
  stopAll.unshift(() => running.close());
}
afterEach(async () => {
  for (const stop of stopAll) await stop();
});

describe('a primary that steps down while 120 callers want 60 tickets', () => {
  beforeEach(() => start(3));

  it('loses no booking that was acknowledged, and sells every ticket once', async () => {
    const { api, db } = running;
    const event = await api.createEvent({ totalTickets: 60 });

    const rush = Promise.all(times(120, () => api.bookUntilAnswered(event._id)));
    await until('5 tickets are sold', async () => (await countSold(db, event._id)) >= 5);
    await db.admin().command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5, force: true });
    const answers = await rush;
    const rest = await Promise.all(times(60, () => api.bookUntilAnswered(event._id)));

    const all = [...answers, ...rest];
    expect(await checkAnswers(running, all.filter(isKnown))).toEqual([]);
    await expectAllSold(event._id, 60, all);
  });
});

describe('a database that freezes for five seconds', () => {
  beforeEach(() => start(1));

  it('is answered with 503, never with "sold out", and every ticket is sold afterwards', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 30 });
    const before = await api.book(event._id);
    const mongod = mongodProcess();

    mongod.kill('SIGSTOP');
    const thaw = setTimeout(() => mongod.kill('SIGCONT'), FROZEN_MS);
    const during = await Promise.all(times(20, () => api.book(event._id))).finally(() => clearTimeout(thaw));
    mongod.kill('SIGCONT');
    const after = await Promise.all(times(60, () => api.bookUntilAnswered(event._id)));

    expect(during.filter(({ status }) => status !== 201 && status !== 503)).toEqual([]);
    for (const { headers } of during.filter(({ status }) => status === 503)) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    expect(await checkAnswers(running, after)).toEqual([]);
    await expectAllSold(event._id, 30, [before, ...during, ...after]);
  });
});

describe('a database that is gone', () => {
  beforeEach(() => start(1));

  it('makes every route say 503 and readiness too, until it is back', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 3 });
    const mongod = mongodProcess();

    mongod.kill('SIGSTOP');
    // A signal takes its time to arrive: what mongod is at when it does may still be answered.
    await until('the server is not ready', async () => (await api.get('/health/ready')).status === 503);
    const answers = await Promise.all([
      api.get('/health/ready'),
      api.book(event._id),
      api.post('/events/create', { name: 'Concert Night', totalTickets: 1 }),
      api.get('/health/live'),
    ]);
    mongod.kill('SIGCONT');

    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 200]);
    await until('the server is ready', async () => (await api.get('/health/ready')).status === 200);
    expect((await api.bookUntilAnswered(event._id)).status).toBe(201);
  });

  it.each([
    ['an API without keys', () => Promise.resolve(running.api)],
    ['a key that operates', async () => running.api.withKey((await makeKey('office')).token)],
  ])('shows its metrics all the same, to %s', async (_who, connect) => {
    const api = await connect();
    expect((await api.get('/metrics')).status).toBe(200);
    const mongod = mongodProcess();
    mongod.kill('SIGSTOP');
    try {
      await until('GET /events is a 503', async () => (await api.get('/events')).status === 503);
      // By then what was known of the keys is too old for anything else.
      await new Promise((done) => setTimeout(done, 4_000));
      const { status, body } = await api.get('/metrics');
      expect([status, String(body).match(/^mongodb_up \d/m)?.[0]]).toEqual([200, 'mongodb_up 0']);
      expectProblem(await api.get('/events'), 503, 'database_unavailable');
      expectProblem(await api.get('/metrics', { authorization: 'Bearer nothing' }), 401, 'unauthorized');
    } finally {
      mongod.kill('SIGCONT');
    }
  });
});

function makeKey(name: string) {
  return running.app.get(ApiKeysService).create(name, ['operate']);
}

function mongodProcess(): ChildProcess {
  return replicaSet.servers[0]!.instanceInfo!.instance.mongodProcess!;
}

function isKnown(answer: Answer): boolean {
  return !isUnknown(answer);
}

/** Callers who were not told may have their tickets; nobody was told wrongly that there were none. */
async function expectAllSold(eventId: string, capacity: number, answers: readonly Answer[]): Promise<void> {
  expect(answers.some(isSoldOut)).toBe(true);
  expect(await countSold(running.db, eventId)).toBe(capacity);
  const unknown = answers.filter((answer) => !isKnown(answer)).length;
  expect(bookedOf(answers).length).toBeLessThanOrEqual(capacity);
  expect(bookedOf(answers).length).toBeGreaterThanOrEqual(capacity - unknown);
  expect(await findImbalances(running.db)).toEqual([]);
}
