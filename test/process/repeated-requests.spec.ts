import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mongoose';
import type { Answer, Api } from '../support/api.js';
import { findImbalances } from '../support/check-books.js';
import { times } from '../support/race.js';
import { type ServerProcess, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

describe('a kill -9 of one of two servers in the midst of 100 identical requests', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  async function race(answersBeforeKill: number, keyOf: (attempt: number) => string) {
    const uri = freshDatabaseUri();
    const start = async () => (await workplace.start(workplace.folder(), { MONGO_URI: uri })).ready();
    const survivor = await start();
    const victim = await start();
    const event = await survivor.api.createEvent({ totalTickets: 1_000 });
    let answered = 0;
    const callers = times(100, async (caller) => {
      const servers = caller % 4 === 0 ? [survivor, victim] : [victim, survivor];
      const answer = await bookUntilDefinite(servers, event._id, keyOf);
      answered += 1;
      return answer;
    });
    await until(`${answersBeforeKill} are answered`, () => answered >= answersBeforeKill);
    await victim.end('SIGKILL');
    const answers = await Promise.all(callers);

    const { bookings } = (await survivor.api.get(`/bookings?eventId=${event._id}`)).body;
    return { answers, bookings, imbalances: await imbalancesOf(uri) };
  }

  it.each([0, 1, 20])('after %d answers, leaves one booking and one answer', async (answersBeforeKill) => {
    const { answers, bookings, imbalances } = await race(answersBeforeKill, () => 'order-1001');

    expect(bookings).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body)))).toEqual(new Set([bodyWith(bookings[0])]));
    expect(answers.filter(isFirst).length).toBeLessThanOrEqual(1);
    expect(imbalances).toEqual([]);
  });

  it('leaves more than one for clients that repeat it with another key (negative control)', async () => {
    const { bookings, imbalances } = await race(0, (attempt) => `order-${attempt}`);

    expect(bookings.length).toBeGreaterThan(1);
    expect(imbalances).toEqual([]);
  });
});

/** Asks one server after the other until it is told what became of the booking. */
async function bookUntilDefinite(
  servers: readonly ServerProcess[],
  eventId: string,
  keyOf: (attempt: number) => string,
): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const { api } = servers[attempt % servers.length]!;
    const answer = await send(api, eventId, keyOf(attempt));
    if (answer && answer.status !== 503 && answer.body.code !== 'idempotency_in_progress') return answer;
    await new Promise((done) => setTimeout(done, 20 + Math.random() * 80));
  }
}

/** Undefined where the connection breaks. */
function send(api: Api, eventId: string, key: string): Promise<Answer | undefined> {
  return api.book(eventId, { quantity: 2 }, { 'idempotency-key': key }).catch(() => undefined);
}

function isFirst({ headers }: Answer): boolean {
  return headers.get('idempotent-replayed') === null;
}

function bodyWith(booking: unknown): string {
  return JSON.stringify({ success: true, message: 'Booking successful', booking });
}

async function imbalancesOf(uri: string): Promise<unknown[]> {
  const connection = await createConnection(uri).asPromise();
  try {
    return await findImbalances(connection.db!);
  } finally {
    await connection.close();
  }
}
