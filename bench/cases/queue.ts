import { mongo } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../bench.js';
import { type Contender, createEvents, isBalanced } from '../contenders/contender.js';
import { Caller } from '../load/caller.js';
import { percentile } from '../support/statistics.js';

const CONNECTIONS = 200;
const RESPOND_ASYNC = { Prefer: 'respond-async' };
/** Between two looks at a request and a booking. */
const LOOK_EVERY_MS = 20;
const DECIDED_WITHIN_MS = 600_000;
/** So many of those who ask find tickets. */
const SHARE_SOLD = 0.6;

interface Spike {
  readonly ids: readonly string[];
  readonly seconds: number;
  /** Answers that are neither 202 nor 409, by status: these callers have asked again. */
  readonly others: Readonly<Record<string, number>>;
  /** How many were refused at once: nothing was left. */
  readonly refused: number;
}

/** Many requests are put into the queue of one event at once. How long does that take, and until all are decided? */
export const queue: Case = async (bench, name) => {
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  const { queued } = bench.timing;
  const totalTickets = Math.round(queued * SHARE_SOLD);
  const [[eventId = ''] = [], [other = ''] = []] = [
    await createEvents(contender, { count: 1, totalTickets }),
    await createEvents(contender, { count: 1 }),
  ];
  const booking = await bookOne(contender, other);
  await fill(contender, other, Math.min(queued, 2_000));
  let acceptedAt = Infinity;
  const filled = fill(contender, eventId, queued).finally(() => (acceptedAt = performance.now()));
  const looks = await lookUntilDecided(bench, contender, eventId, {
    bookingId: booking,
    isFilled: () => acceptedAt < Infinity,
  });
  const spike = await filled;
  const decidedSeconds = (performance.now() - acceptedAt) / 1_000;
  bench.faults.push(...(await findFaults(bench, contender, eventId, { spike, totalTickets })));
  const [ofRequests, ofBookings] = [percentile(looks.requests, 0.5), percentile(looks.bookings, 0.5)];
  return {
    name,
    comparisons: [],
    facts: { acceptedSeconds: spike.seconds, lookRatio: ofRequests / ofBookings },
    notes: [
      `${queued.toLocaleString('en')} requests were accepted in ${spike.seconds.toFixed(1)} s (${Math.round(queued / spike.seconds)}/s, ` +
        `${CONNECTIONS} callers), of which ${spike.refused.toLocaleString('en')} were refused at once; all were decided ${decidedSeconds.toFixed(1)} s after that.`,
      `Other answers, after which a caller asked again: ${JSON.stringify(spike.others)}.`,
      `Meanwhile GET /requests/:id took ${ofRequests.toFixed(1)} ms and GET /bookings/:id ${ofBookings.toFixed(1)} ms (median of ${looks.requests.length}).`,
    ],
  };
};

/** Puts so many requests into the queue. */
async function fill(contender: Contender, eventId: string, count: number): Promise<Spike> {
  const [url = ''] = contender.urls;
  const callers = await Promise.all(Array.from({ length: CONNECTIONS }, () => Caller.connect(url)));
  const ids: string[] = [];
  const others: Record<string, number> = {};
  let [next, refused] = [0, 0];
  const startedAt = performance.now();
  const ask = async (caller: Caller) => {
    while (next < count) {
      const userId = `queued-${eventId}-${++next}`;
      for (;;) {
        const { status, body } = await caller.post('/book', { eventId, userId }, contender.key, RESPOND_ASYNC);
        const id = /"request":\{"_id":"([0-9a-f]{24})"/.exec(body)?.[1];
        if (id !== undefined) ids.push(id);
        if (status === 409) refused += 1;
        if (status === 202 || status === 409) break;
        others[status] = (others[status] ?? 0) + 1;
        await sleep(LOOK_EVERY_MS);
      }
    }
  };
  await Promise.all(callers.map(ask));
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const caller of callers) caller.hangUp();
  return { ids, seconds, others, refused };
}

async function bookOne({ urls: [url = ''], key }: Contender, eventId: string): Promise<string> {
  const caller = await Caller.connect(url);
  const { body } = await caller.post('/book', { eventId, userId: 'looked-at' }, key);
  caller.hangUp();
  return /"_id":"([0-9a-f]{24})"/.exec(body)?.[1] ?? '';
}

/** Looks at the newest request and at a booking in turns, until nothing waits. Returns how long each look took, in milliseconds. */
async function lookUntilDecided(
  bench: Bench,
  contender: Contender,
  eventId: string,
  { bookingId, isFilled }: { readonly bookingId: string; readonly isFilled: () => boolean },
): Promise<{ requests: number[]; bookings: number[] }> {
  const looks = { requests: [] as number[], bookings: [] as number[] };
  const db = bench.mongo.client.db(contender.database);
  const _id = new mongo.ObjectId(eventId);
  const headers = contender.key === undefined ? {} : { authorization: `Bearer ${contender.key}` };
  const look = async (path: string, took: number[]) => {
    const startedAt = performance.now();
    const response = await fetch(`${contender.urls[0]}${path}`, { headers });
    await response.text();
    took.push(performance.now() - startedAt);
  };
  const deadline = performance.now() + DECIDED_WITHIN_MS;
  for (;;) {
    const wasFilled = isFilled();
    const event = await db.collection<{ queue?: { waiting: number } }>('events').findOne({ _id });
    if (wasFilled && (event?.queue?.waiting ?? 0) === 0) return looks;
    const newest = await db.collection('requests').findOne({ eventId: _id }, { sort: { number: -1 } });
    if (newest) {
      await look(`/requests/${String(newest._id)}`, looks.requests);
      await look(`/bookings/${bookingId}`, looks.bookings);
    }
    if (performance.now() > deadline) throw new Error('what waits in the queue is not decided');
    await sleep(LOOK_EVERY_MS);
  }
}

/** Recounts what became of the requests: none lost, none twice, and the first ones got the tickets. */
async function findFaults(
  bench: Bench,
  contender: Contender,
  eventId: string,
  { spike, totalTickets }: { readonly spike: Spike; readonly totalTickets: number },
): Promise<string[]> {
  const db = bench.mongo.client.db(contender.database);
  const ofEvent = { eventId: new mongo.ObjectId(eventId) };
  const requests = await db
    .collection('requests')
    .find(ofEvent, { projection: { status: 1, resultId: 1 } })
    .sort({ number: 1 })
    .toArray();
  const done = requests.filter(({ status }) => status === 'done');
  const firstRefused = requests.findIndex(({ status }) => status === 'refused');
  const bookings = new Set((await db.collection('bookings').distinct('_id', ofEvent)).map(String));
  const stored = new Set(requests.map(({ _id }) => String(_id)));
  const isRight = {
    'every accepted request is there': spike.ids.every((id) => stored.has(id)) && stored.size === spike.ids.length,
    'every request is done or refused': requests.every(({ status }) => status === 'done' || status === 'refused'),
    'every ticket is sold': done.length === totalTickets,
    'each has one booking':
      bookings.size === done.length && done.every(({ resultId }) => bookings.has(String(resultId))),
    'nobody got a ticket after somebody got none': firstRefused < 0 || firstRefused === done.length,
    'the books balance': await isBalanced(contender, eventId),
  };
  return Object.entries(isRight).flatMap(([what, is]) => (is ? [] : [`queue of ${eventId}: not so: ${what}`]));
}
