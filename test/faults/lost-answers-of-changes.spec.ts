import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { mongo } from 'mongoose';
import type { Attempt, Attempted } from '../../src/common/transaction-attempt.js';
import { Transactions, type Work } from '../../src/platform/database/index.js';
import type { Answer, Api } from '../support/api.js';
import { findImbalances } from '../support/check-books.js';
import {
  COMMIT_NEITHER_APPLIED_NOR_ANSWERED,
  type Failure,
  failNext,
  MORE_THAN_THE_DRIVER_RETRIES,
} from '../support/fail-command.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';

/** As by a timeout of the write concern, which the driver does not try again. */
const UNANSWERED: Failure = {
  failCommands: ['commitTransaction'],
  writeConcernError: { code: 64, errmsg: 'the answer is lost' },
};

/** The next attempt has to find what this one did. */
const SAID_TO_HAVE_FAILED: Failure = { ...UNANSWERED, errorLabels: ['TransientTransactionError'] };

/** A failure, and how often a commit fails so. */
type Loss = readonly [Failure, times: number];

const LOSSES: readonly (readonly [string, Loss])[] = [
  ['applied and is not answered', [UNANSWERED, 1]],
  ['applied and is said to have failed', [SAID_TO_HAVE_FAILED, 1]],
  ['neither applied nor answered', [COMMIT_NEITHER_APPLIED_NOR_ANSWERED, MORE_THAN_THE_DRIVER_RETRIES]],
];

/** Prepares an event for a change. Returns what makes the change. */
type Change = (api: Api, eventId: string) => Promise<() => Promise<Answer>>;

const CHANGES: readonly (readonly [string, Change])[] = [
  [
    'a partial cancellation',
    async (api, eventId) => {
      const id = await book(api, eventId);
      return () => api.post(`/bookings/${id}/cancel`, { quantity: 1 }, { 'idempotency-key': 'part' });
    },
  ],
  [
    'a transfer',
    async (api, eventId) => {
      const id = await book(api, eventId);
      return () => api.post(`/bookings/${id}/transfer`, { userId: 'bob' });
    },
  ],
  [
    'an edit of an event',
    async (api, eventId) => {
      await book(api, eventId);
      return () => api.request('PATCH', `/events/${eventId}`, { totalTickets: 7 }, { 'if-match': '"1-1"' });
    },
  ],
  ['a deletion of an event', (api, eventId) => Promise.resolve(() => api.request('DELETE', `/events/${eventId}`))],
  [
    'the cancellation of all bookings',
    async (api, eventId) => {
      await book(api, eventId);
      return () => api.post(`/events/${eventId}/cancel-bookings`);
    },
  ],
  [
    'the erasure of a user',
    async (api, eventId) => {
      await api.book(eventId, { userId: `zoe ${eventId}`, quantity: 3 }, { 'idempotency-key': 'zoe' });
      return () => api.post('/users/erase', { userId: `zoe ${eventId}` });
    },
  ],
  ['a hold', (api, eventId) => Promise.resolve(() => api.hold(eventId, { quantity: 2 }))],
  [
    'a confirmation with a payment',
    async (api, eventId) => {
      const { hold } = (await api.hold(eventId, { quantity: 2 })).body;
      return () => api.post(`/holds/${hold._id}/confirm`, { paymentReference: `pay ${hold._id}` });
    },
  ],
  [
    'joining a waitlist',
    async (api, eventId) => {
      await sellOut(api, eventId);
      return () => api.join(eventId, { quantity: 2 });
    },
  ],
  [
    'leaving a waitlist',
    async (api, eventId) => {
      await sellOut(api, eventId);
      const { entry } = (await api.join(eventId)).body;
      return () => api.post(`/events/${eventId}/waitlist/${entry._id}/leave`);
    },
  ],
  [
    'leaving a waitlist with an offer, which goes to the next',
    async (api, eventId) => {
      const [bookingId] = await sellOut(api, eventId);
      const { entry } = (await api.join(eventId)).body;
      await api.join(eventId, { userId: 'next' });
      await api.post(`/bookings/${bookingId}/cancel`, { quantity: 1 }, { 'idempotency-key': 'part' });
      return () => api.post(`/events/${eventId}/waitlist/${entry._id}/leave`);
    },
  ],
  [
    'a cancellation that hands over',
    async (api, eventId) => {
      const [bookingId] = await sellOut(api, eventId);
      for (const userId of ['ann', 'bob']) await api.join(eventId, { userId });
      return () => api.post(`/bookings/${bookingId}/cancel`);
    },
  ],
  [
    'more capacity that is handed over',
    async (api, eventId) => {
      await sellOut(api, eventId);
      for (const userId of ['ann', 'bob']) await api.join(eventId, { userId });
      return () => api.request('PATCH', `/events/${eventId}`, { totalTickets: 13 }, { 'if-match': '*' });
    },
  ],
];

/** The changes that go wrong when they are tried again as if for the first time. */
const MISTAKEN = ['an edit of an event', 'a deletion of an event', 'the cancellation of all bookings'];

let replicaSet: MongoMemoryReplSet;
let running: RunningApp;
beforeAll(async () => {
  replicaSet = await startReplicaSet();
  running = await startApp({ uri: uriOn(replicaSet) });
});
afterAll(async () => {
  await running.close();
  await replicaSet.stop();
});

describe.each(LOSSES)('a commit that was %s', (_how, loss) => {
  it.each(CHANGES)('makes %s once, and its caller hears what a first attempt says', async (_what, change) => {
    const expected = await makeChange(running, change, undefined);
    expect(await makeChange(running, change, loss)).toEqual(expected);
    expect(await findImbalances(running.db)).toEqual([]);
  });
});

describe('attempts that forget that a commit was sent (negative control)', () => {
  it.each(CHANGES.filter(([what]) => MISTAKEN.includes(what)))('answer otherwise to %s', async (_what, change) => {
    const forgetful = await startApp({
      uri: uriOn(replicaSet),
      override: (builder) => builder.overrideProvider(Transactions).useClass(ForgetfulTransactions),
    });
    try {
      const expected = await makeChange(forgetful, change, undefined);
      expect(await makeChange(forgetful, change, [SAID_TO_HAVE_FAILED, 1])).not.toEqual(expected);
    } finally {
      await forgetful.close();
    }
  });
});

class ForgetfulTransactions extends Transactions {
  override attempt<Result>(attempt: Attempt, work: Work<Result>): Promise<Attempted<Result>> {
    return super.attempt({ ...attempt, mayHaveCommitted: false }, work);
  }
}

async function book(api: Api, eventId: string): Promise<string> {
  return (await api.book(eventId, { quantity: 3 })).body.booking._id;
}

/** The bookings that take all tickets. */
async function sellOut(api: Api, eventId: string): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, quantity] of [3, 3, 4].entries()) {
    ids.push((await api.book(eventId, { userId: `buyer${index}`, quantity })).body.booking._id);
  }
  return ids;
}

/**
 * Makes the change at an event of its own, while a commit fails. Returns the answer and all that is stored then, without
 * what always differs.
 */
async function makeChange({ api, db }: RunningApp, change: Change, loss: Loss | undefined): Promise<unknown> {
  const { _id } = await api.createEvent({ totalTickets: 10, maxTicketsPerUser: 4 });
  const make = await change(api, _id);
  const untilLost = loss && (await failNext(db, loss[1], loss[0]));
  const { status, headers, body } = await make();
  await untilLost?.();
  const eventId = new mongo.ObjectId(_id);
  const stored: unknown[] = [];
  for (const name of [
    'bookings',
    'bookingChanges',
    'holds',
    'eventEdits',
    'userTickets',
    'movements',
    'waitlistEntries',
  ]) {
    stored.push(
      await db
        .collection(name)
        .find({ eventId }, { projection: { at: 0 } })
        .sort({ _id: 1 })
        .toArray(),
    );
  }
  stored.push(await db.collection('events').findOne({ _id: eventId }));
  const said = ['location', 'idempotent-replayed'].map((name) => headers.get(name));
  // The status alone may differ: a confirmation that is found is answered as a repetition, with 200.
  return withoutNames([status < 300, said, body, ...stored]);
}

/** Without ids, moments and revisions: another attempt raises the revision once more. */
function withoutNames(data: unknown): unknown {
  const text = JSON.stringify(data);
  const named = text
    .replace(/[0-9a-f]{24}/g, 'id')
    .replace(/erased-[0-9a-f-]{36}/g, 'erased')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then')
    .replace(/"(expiresInSeconds|revision)":\d+/g, '"$1":0');
  return JSON.parse(named);
}
