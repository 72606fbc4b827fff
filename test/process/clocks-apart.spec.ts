import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import type { Answer, Api } from '../support/api.js';
import { type ServerProcess, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const SKEWED = join(process.cwd(), 'scripts/support/skewed-clock.mjs');
const UNSYNCED = join(process.cwd(), 'test/support/unsynced-clock.mjs');
const SKEW_MS = 2_000;
/** What is left of it at most. */
const TOLERANCE_MS = 250;
const TRIES_MAX = 3;

/** A request, with the time around it. The database runs on this machine: its clock is the one of this test. */
interface Timed extends Answer {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** A hold that has been made, with the moments between which it has to end, by what this test knows itself. */
interface Held {
  readonly id: string;
  readonly eventId: string;
  readonly expiresAt: number;
  readonly earliest: number;
  readonly latest: number;
}

/** Two servers on one database, of which each uses holds that the other has made. */
interface Pair {
  readonly fast: ServerProcess;
  readonly slow: ServerProcess;
  readonly db: mongo.Db;
}

/** Starts a pair for the tests of a `describe`. Returns the function that gives it to them. */
function usePair(preloads: readonly string[] = []): () => Pair {
  const workplace = new Workplace();
  const uri = freshDatabaseUri();
  const client = new mongo.MongoClient(uri);
  const start = async (skewMs: number) => {
    const options = [SKEWED, ...preloads].map((file) => `--import ${file}`).join(' ');
    const environment = { MONGO_URI: uri, NODE_OPTIONS: options, CLOCK_SKEW_MS: String(skewMs) };
    return (await workplace.start(workplace.folder(), environment)).ready();
  };
  let pair: Pair;
  beforeAll(async () => {
    pair = { fast: await start(SKEW_MS), slow: await start(-SKEW_MS), db: client.db() };
  });
  afterAll(async () => {
    await workplace.clear();
    await client.close();
  });
  return () => pair;
}

/** Sets the clock of the fast server forward by ten minutes while it runs. */
async function jump({ fast }: Pair): Promise<void> {
  const jumps = () => fast.output.split('The clock jumps').length;
  const before = jumps();
  fast.child.kill('SIGUSR2');
  await until('the clock of the fast server jumps', () => jumps() > before);
}

/** Returns when the server has measured its clock after the jump. */
async function untilNoticed({ fast }: Pair): Promise<void> {
  await until('the fast server knows how far its clock is off', async () => {
    const { body } = await fast.api.get('/metrics');
    return Number(/^clock_offset_seconds (\S+)$/m.exec(String(body))?.[1]) > 500;
  });
}

async function timed(ask: () => Promise<Answer>): Promise<Timed> {
  const sentAt = Date.now();
  const answer = await ask();
  return { ...answer, sentAt, answeredAt: Date.now() };
}

async function hold(api: Api, eventId: string, ttlSeconds: number, quantity = 1): Promise<Held> {
  const userId = `user-${Math.random()}`;
  const { status, body, sentAt, answeredAt } = await timed(() => api.hold(eventId, { userId, quantity, ttlSeconds }));
  expect(status).toBe(201);
  const ttlMs = ttlSeconds * 1_000;
  return {
    id: body.hold._id,
    eventId,
    expiresAt: Date.parse(body.hold.expiresAt),
    earliest: sentAt + ttlMs - TOLERANCE_MS,
    latest: answeredAt + ttlMs + TOLERANCE_MS,
  };
}

const confirm = (api: Api, { id }: Held, paymentReference: string) =>
  timed(() => api.post(`/holds/${id}/confirm`, { paymentReference }));

const sleepUntil = (moment: number) => new Promise((done) => setTimeout(done, moment - Date.now()));

/** Each maker of a hold, with the server that uses it. */
function inTurns({ fast, slow }: Pair): { readonly maker: ServerProcess; readonly user: ServerProcess }[] {
  return [
    { maker: fast, user: slow },
    { maker: slow, user: fast },
  ];
}

/** A sentence for every end that is not where it belongs, whichever server says it. */
async function compareEnds(pair: Pair): Promise<string[]> {
  const { _id: eventId } = await pair.fast.api.createEvent({ totalTickets: 100 });
  const wrong: string[] = [];
  const check = (what: string, end: number, earliest: number, latest: number) => {
    if (end < earliest || end > latest) wrong.push(`${what} is ${end}, not within ${earliest} and ${latest}`);
  };
  for (const { maker, user } of inTurns(pair)) {
    const held = await hold(maker.api, eventId, 30);
    check('the end of a hold', held.expiresAt, held.earliest, held.latest);
    for (const { api } of [maker, user]) {
      const { body, sentAt, answeredAt } = await timed(() => api.get(`/holds/${held.id}`));
      if (Date.parse(body.hold.expiresAt) !== held.expiresAt) wrong.push('the end depends on who is asked');
      const endOf = (now: number) => now + (body.hold.expiresInSeconds as number) * 1_000;
      // Whole seconds, rounded up.
      check(
        'the end by what is left',
        held.expiresAt,
        endOf(sentAt) - 1_000 - TOLERANCE_MS,
        endOf(answeredAt) + TOLERANCE_MS,
      );
    }
    const { body, sentAt, answeredAt } = await timed(() =>
      user.api.post(`/holds/${held.id}/extend`, { ttlSeconds: 60 }),
    );
    const extended = Date.parse(body.hold?.expiresAt);
    check('the end of an extension', extended, sentAt + 60_000 - TOLERANCE_MS, answeredAt + 60_000 + TOLERANCE_MS);
  }
  return wrong;
}

/** A sentence for every answer of both servers that ends a hold before its time, or keeps it longer. */
async function watchEnds(pair: Pair): Promise<string[]> {
  const wrong: string[] = [];
  const watch = async (maker: ServerProcess, asked: ServerProcess) => {
    const { _id: eventId } = await maker.api.createEvent({ totalTickets: 1 });
    const held = await hold(maker.api, eventId, 4);
    for (;;) {
      const shown = await timed(() => asked.api.get(`/holds/${held.id}`));
      const booked = await timed(() => asked.api.book(eventId, { userId: 'next' }));
      const isOver = [shown.body.hold.status !== 'active', booked.status === 201];
      [shown, booked].forEach(({ sentAt, answeredAt }, index) => {
        if (isOver[index] && answeredAt < held.earliest) wrong.push(`ended ${held.earliest - answeredAt} ms early`);
        if (!isOver[index] && sentAt > held.latest) wrong.push(`kept for ${sentAt - held.latest} ms`);
      });
      if (wrong.length > 0 || booked.status === 201) return;
      await sleepUntil(Date.now() + 20);
    }
  };
  await Promise.all(inTurns(pair).flatMap(({ maker, user }) => [watch(maker, user), watch(maker, maker)]));
  return wrong;
}

/** A sentence for every confirmation that gets the wrong answer. A paused event tells one in time from a late one. */
async function confirmAround(pair: Pair): Promise<string[]> {
  const wrong: string[] = [];
  const pausedWith = async (maker: ServerProcess, ttlSeconds: number, count: number): Promise<Held[]> => {
    const { _id } = await maker.api.createEvent({ totalTickets: 10 });
    const made: Held[] = [];
    for (let index = 0; index < count; index++) made.push(await hold(maker.api, _id, ttlSeconds));
    const events = pair.db.collection('events');
    await events.updateOne({ _id: new mongo.ObjectId(_id as string) }, { $set: { status: 'paused' } });
    return made;
  };
  for (const { maker, user } of inTurns(pair)) {
    await until('a confirmation is answered in time', async () => {
      const [held] = await pausedWith(maker, 2, 1);
      const { status, answeredAt } = await confirm(user.api, held!, held!.id);
      if (answeredAt >= held!.earliest) return false;
      if (status !== 201) wrong.push(`confirmed in time: ${status}`);
      return true;
    });
    const late = await pausedWith(maker, 1, 2);
    await sleepUntil(Math.max(...late.map(({ latest }) => latest)) + 1);
    const answers = await Promise.all(
      [maker, user].map(async ({ api }, index) => {
        const { status, body } = await confirm(api, late[index]!, late[index]!.id);
        const { settlement } = (await api.get(`/holds/${late[index]!.id}`)).body.hold;
        return `${status} ${body.code} ${settlement}`;
      }),
    );
    for (const answer of answers) {
      if (answer !== '410 hold_expired refund_due') wrong.push(`confirmed late: ${answer}`);
    }
  }
  return wrong;
}

/** A sentence for every server on which a hold does not outlive a jump of the clock. */
async function jumpMeanwhile(pair: Pair): Promise<string[]> {
  const { _id: eventId } = await pair.slow.api.createEvent({ totalTickets: 10 });
  const held = await hold(pair.slow.api, eventId, 300);
  await jump(pair);
  const shown = await Promise.all([pair.fast, pair.slow].map(({ api }) => api.get(`/holds/${held.id}`)));
  const states = shown.map(({ body }) => body.hold.status as string);
  return states.flatMap((state) => (state === 'active' ? [] : [`a hold of five minutes is ${state}`]));
}

type Promised = [promise: string, findWrong: (pair: Pair) => Promise<string[]>];

const PROMISES: Promised[] = [
  ['say the same end of a hold, whichever made, shows or extends it', compareEnds],
  ['end the holds of each other neither early nor late', watchEnds],
  ['give a confirmation around the end the same answer', confirmAround],
];
const ALL: Promised[] = [...PROMISES, ['keep a hold while the clock of one jumps', jumpMeanwhile]];

async function untilAgreed(pair: Pair): Promise<void> {
  // The first measurement of a busy server is a bad one; the next ones are better.
  await until('both servers have the time', async () => (await compareEnds(pair)).length === 0);
}

describe('two servers, one of them two seconds ahead and the other two seconds behind,', () => {
  const pair = usePair();
  beforeAll(() => untilAgreed(pair()));

  it.each(PROMISES)('%s', async (_, findWrong) => expect(await findWrong(pair())).toEqual([]));
});

describe('two servers, one of which has jumped ahead by ten minutes,', () => {
  const pair = usePair();
  beforeAll(async () => {
    await untilAgreed(pair());
    await jump(pair());
    await untilNoticed(pair());
  });

  it.each(ALL)('%s', async (_, findWrong) => expect(await findWrong(pair())).toEqual([]));
});

describe('two servers that keep to their own clocks (negative control)', () => {
  const pair = usePair([UNSYNCED]);

  it.each(ALL)('do not %s', async (_, findWrong) => {
    const wrong: string[] = [];
    for (let tries = 1; tries <= TRIES_MAX && wrong.length === 0; tries++) wrong.push(...(await findWrong(pair())));
    expect(wrong).not.toEqual([]);
  });
});
