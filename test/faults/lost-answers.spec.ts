import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type { Attempt, Attempted } from '../../src/common/transaction-attempt.js';
import { Transactions, type Work } from '../../src/platform/database/index.js';
import type { Answer } from '../support/api.js';
import { countSold, findImbalances } from '../support/check-books.js';
import {
  COMMIT_APPLIED_BUT_UNANSWERED,
  COMMIT_NEITHER_APPLIED_NOR_ANSWERED,
  failNext,
  MORE_THAN_THE_DRIVER_RETRIES,
  whileFailing,
} from '../support/fail-command.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const WRITE_CONFLICT = 112;

let replicaSet: MongoMemoryReplSet;
beforeAll(async () => {
  replicaSet = await startReplicaSet();
});
afterAll(() => replicaSet.stop());

describe('on the last ticket', () => {
  let running: RunningApp;
  let eventId: string;
  const bookLast = (): Promise<Answer> => running.api.book(eventId);
  beforeAll(async () => {
    running = await startApp({ uri: uriOn(replicaSet) });
  });
  afterAll(() => running.close());
  beforeEach(async () => {
    eventId = (await running.api.createEvent({ totalTickets: 1 }))._id;
  });

  async function expectSoldOnce(answer: Answer): Promise<void> {
    expect(answer).toMatchObject({ status: 201, body: { success: true } });
    expect(await bookLast()).toMatchObject({ status: 409, body: { code: 'sold_out' } });
    expect((await running.api.get(`/bookings/${answer.body.booking._id}`)).status).toBe(200);
    expect(await countSold(running.db, eventId)).toBe(1);
    expect(await findImbalances(running.db)).toEqual([]);
  }

  it('a write conflict is tried again', async () => {
    await failNext(running.db, 5, { failCommands: ['update'], errorCode: WRITE_CONFLICT });
    await expectSoldOnce(await bookLast());
  });

  it.each(['find', 'insert', 'update'])('a connection that breaks at the %s is tried again', async (command) => {
    await failNext(running.db, MORE_THAN_THE_DRIVER_RETRIES, { failCommands: [command], closeConnection: true });
    await expectSoldOnce(await bookLast());
  });

  it('a commit that was applied and not answered is a booking', async () => {
    await failNext(running.db, MORE_THAN_THE_DRIVER_RETRIES, COMMIT_APPLIED_BUT_UNANSWERED);
    await expectSoldOnce(await bookLast());
  });

  it('a commit that was applied, though its answer says to start over, is found by the next try', async () => {
    const applied = { ...COMMIT_APPLIED_BUT_UNANSWERED, errorLabels: ['TransientTransactionError'] };
    await failNext(running.db, MORE_THAN_THE_DRIVER_RETRIES, applied);
    const booked = await bookLast();
    await expectSoldOnce(booked);

    await failNext(running.db, MORE_THAN_THE_DRIVER_RETRIES, applied);
    expect((await running.api.createEvent({ totalTickets: 1 })).revision).toBe(1);
  });

  it('a commit that was neither applied nor answered is sent again', async () => {
    await failNext(running.db, MORE_THAN_THE_DRIVER_RETRIES, COMMIT_NEITHER_APPLIED_NOR_ANSWERED);
    await expectSoldOnce(await bookLast());
  });

  it('a commit that is applied and never answered is unknown, and the ticket is sold', async () => {
    const answer = await whileFailing(running.db, COMMIT_APPLIED_BUT_UNANSWERED, bookLast);

    expect(answer).toMatchObject({ status: 503, body: { success: false, code: 'outcome_unknown' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await bookLast()).toMatchObject({ status: 409, body: { code: 'sold_out' } });
    expect(await countSold(running.db, eventId)).toBe(1);
    expect(await findImbalances(running.db)).toEqual([]);
  });

  it('a commit that never arrives is unknown, and the ticket is sold once', async () => {
    const answer = await whileFailing(running.db, COMMIT_NEITHER_APPLIED_NOR_ANSWERED, bookLast);

    expect(answer).toMatchObject({ status: 503, body: { success: false, code: 'outcome_unknown' } });
    // The driver may still be sending it when the failure ends: then the ticket is the first caller's after all.
    const next = await running.api.bookUntilAnswered(eventId);
    expect([201, 409]).toContain(next.status);
    expect(await countSold(running.db, eventId)).toBe(1);
    expect(await findImbalances(running.db)).toEqual([]);
  });

  it('a database that refuses every write is a 503 that has changed nothing', async () => {
    const refusing = { failCommands: ['insert'], errorCode: WRITE_CONFLICT };
    const answer = await whileFailing(running.db, refusing, bookLast);

    expect(answer).toMatchObject({ status: 503, body: { success: false, code: 'database_unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await countSold(running.db, eventId)).toBe(0);
    await expectSoldOnce(await bookLast());
  });

  it('a cancellation whose answer is lost returns the ticket once', async () => {
    const booked = await bookLast();
    await failNext(running.db, MORE_THAN_THE_DRIVER_RETRIES, COMMIT_APPLIED_BUT_UNANSWERED);
    const cancelled = await running.api.post(`/bookings/${booked.body.booking._id}/cancel`);

    expect(cancelled).toMatchObject({ status: 200, body: { booking: { status: 'cancelled' } } });
    await expectSoldOnce(await bookLast());
  });
});

describe('a commit that comes true after its caller was told that it is unknown', () => {
  // So that no other server's commit is the one that is late.
  const appName = 'late';
  /** Twice this is longer than the deadline of a booking that waits for another one first. */
  const LATE = { failCommands: ['commitTransaction'], blockConnection: true, blockTimeMS: 3_000, appName };
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp({ uri: `${uriOn(replicaSet)}&appName=${appName}` });
  });
  afterAll(() => running.close());

  it('is what a repetition finds', async () => {
    const { api, db } = running;
    const eventId = (await api.createEvent({ totalTickets: 1 }))._id;
    const sold = await api.book(eventId);
    // One batch of a cancellation and the booking that takes its ticket: they wait while another event is booked.
    const other = await api.createEvent();
    const untilCommitting = await failNext(db, 2, LATE);
    const occupying = api.book(other._id);
    await untilCommitting();
    const cancelling = api.post(`/bookings/${sold.body.booking._id}/cancel`);
    const isWaiting = async () => /^booking_lane_waiting 1$/m.test((await api.get('/metrics')).body);
    await until('the cancellation waits', isWaiting);
    const bookWithKey = () => api.book(eventId, { userId: 'late' }, { 'idempotency-key': 'late' });
    const answer = await bookWithKey();
    expect(answer).toMatchObject({ status: 503, body: { code: 'outcome_unknown' } });
    expect((await cancelling).status).toBe(503);
    expect((await occupying).status).toBe(201);

    let repeated = await bookWithKey();
    while (repeated.status === 503) repeated = await bookWithKey();
    expect(repeated).toMatchObject({ status: 201, body: { booking: { userId: 'late' } } });
    expect(await countSold(db, eventId)).toBe(1);
    expect(await findImbalances(db)).toEqual([]);
  });
});

describe('a retry loop that forgets what it may have committed (negative control)', () => {
  it('refuses the last ticket to the caller who has it', async () => {
    const running = await startApp({
      uri: uriOn(replicaSet),
      override: (builder) => builder.overrideProvider(Transactions).useClass(ForgetfulTransactions),
    });
    try {
      const event = await running.api.createEvent({ totalTickets: 1 });
      await failNext(running.db, MORE_THAN_THE_DRIVER_RETRIES, COMMIT_APPLIED_BUT_UNANSWERED);
      const answer = await running.api.book(event._id);

      expect(answer).toMatchObject({ status: 409, body: { code: 'sold_out' } });
      expect(await countSold(running.db, event._id)).toBe(1);
    } finally {
      await running.close();
    }
  });
});

class ForgetfulTransactions extends Transactions {
  override async attempt<Result>(_attempt: Attempt, work: Work<Result>): Promise<Attempted<Result>> {
    for (let number = 1; ; number++) {
      const session = this['connection'].getClient().startSession();
      try {
        session.startTransaction({ writeConcern: { w: 'majority' } });
        const result = await work({ session, attempt: { number, mayHaveCommitted: false } });
        await session.commitTransaction();
        return { kind: 'committed', result };
      } catch {
        // Whatever it was, it is tried again from the start.
      } finally {
        await session.endSession().catch(() => undefined);
      }
    }
  }
}
