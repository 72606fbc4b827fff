import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect } from '@jest/globals';
import pg from 'pg';
import { startPostgres } from '../../bench/support/postgres.js';
import { launch, ROOT, untilReady } from '../../bench/support/processes.js';
import { Scope } from '../../bench/support/scope.js';
import { freePort } from '../../scripts/support/free-port.js';
import { itWith } from '../support/programs.js';

interface Body {
  readonly code?: string;
  readonly event: { readonly _id: string };
}

interface Peer {
  readonly url: string;
  readonly pool: pg.Pool;
}

describe("the benchmark's PostgreSQL with the same promises", () => {
  const scope = new Scope();
  let starting: Promise<Peer> | undefined;
  afterAll(() => scope.close());

  const start = async (): Promise<Peer> => {
    const postgres = await startPostgres(scope);
    const [port, databaseUrl] = [await freePort(), await postgres!.freshUrl()];
    const server = launch(scope, process.execPath, ['--import', 'tsx', 'bench/baselines/postgres-same.ts'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], PORT: String(port), PG_URL: databaseUrl },
    });
    const url = `http://127.0.0.1:${port}`;
    await untilReady('the peer', server, async () => (await fetch(`${url}/health/ready`)).ok);
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
    scope.defer(() => pool.end());
    return { url, pool };
  };
  const post = async (path: string, body: object, key?: string) => {
    const { url } = await (starting ??= start());
    const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const isReplay = response.headers.get('idempotent-replayed') === 'true';
    return { status: response.status, isReplay, body: (await response.json()) as Body };
  };
  const createEvent = async (event: { totalTickets: number; maxTicketsPerUser?: number }): Promise<string> =>
    (await post('/events/create', { name: 'Concert Night', ...event })).body.event._id;
  const atOnce = (count: number, book: (index: number) => ReturnType<typeof post>) =>
    Promise.all(Array.from({ length: count }, (_, index) => book(index)));
  const countBy = (answers: Awaited<ReturnType<typeof post>>[]) => {
    const counts: Record<string, number> = {};
    for (const { status, body } of answers) {
      const name = body.code ?? String(status);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };
  /** How many tickets there are by the event, its bookings, its movements and its users. */
  const recount = async (eventId: string) => {
    const { pool } = await starting!;
    const { rows } = await pool.query(
      `SELECT sold_tickets AS event, revision::int,
         (SELECT coalesce(sum(quantity), 0)::int FROM bookings WHERE event_id = events.id) AS bookings,
         (SELECT coalesce(sum(quantity), 0)::int FROM movements WHERE event_id = events.id) AS movements,
         (SELECT coalesce(sum(tickets), 0)::int FROM user_tickets WHERE event_id = events.id) AS users
       FROM events WHERE id = $1`,
      [eventId],
    );
    return rows[0];
  };

  itWith('postgres', 'sells each ticket once, and writes a movement for each booking', async () => {
    const eventId = await createEvent({ totalTickets: 10 });
    const answers = await atOnce(60, (index) => post('/book', { eventId, userId: `user-${index}` }));
    expect(countBy(answers)).toEqual({ '201': 10, sold_out: 50 });
    expect(await recount(eventId)).toEqual({ event: 10, revision: 11, bookings: 10, movements: 10, users: 0 });
  });

  itWith('postgres', 'makes one booking for a key, replays it, and refuses the key with another body', async () => {
    const eventId = await createEvent({ totalTickets: 2, maxTicketsPerUser: 10 });
    const key = randomUUID();
    const request = { eventId, userId: 'ann', quantity: 2, reference: 'order-1', metadata: { channel: 'web' } };
    const answers = await atOnce(20, () => post('/book', request, key));
    expect(countBy(answers)).toEqual({ '201': 20 });
    expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const items = [{ quantity: 2 }];
    const booking = { ...request, items, status: 'confirmed', _id: expect.any(String), bookedAt: expect.any(String) };
    expect(answers[0]!.body).toEqual({ success: true, message: 'Booking successful', booking });
    expect(await post('/book', { ...request, quantity: 1 }, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused', success: false },
    });
    expect(await recount(eventId)).toEqual({ event: 2, revision: 2, bookings: 2, movements: 2, users: 2 });
  });

  itWith('postgres', 'gives a user no more tickets than the event allows', async () => {
    const eventId = await createEvent({ totalTickets: 100, maxTicketsPerUser: 4 });
    const answers = await atOnce(30, () => post('/book', { eventId, userId: 'bob' }, randomUUID()));
    expect(countBy(answers)).toEqual({ '201': 4, user_limit_reached: 26 });
    expect(await recount(eventId)).toEqual({ event: 4, revision: 5, bookings: 4, movements: 4, users: 4 });
  });

  itWith('postgres', 'undoes what a sale that comes too late has written', async () => {
    const eventId = await createEvent({ totalTickets: 15, maxTicketsPerUser: 10 });
    const answers = await atOnce(40, (index) => post('/book', { eventId, userId: `user-${index % 4}` }, randomUUID()));
    expect(countBy(answers)).toEqual({ '201': 15, sold_out: 25 });
    expect(await recount(eventId)).toEqual({ event: 15, revision: 16, bookings: 15, movements: 15, users: 15 });
  });

  itWith('postgres', 'validates the body, and names the event that is not there', async () => {
    const eventId = await createEvent({ totalTickets: 1 });
    const invalid = [{ userId: 'ann' }, { eventId, userId: ' ' }, { eventId, userId: 'ann', quantity: '1' }];
    for (const body of [...invalid, { eventId, userId: 'ann', seat: 1 }, { eventId, userId: 'ann', quantity: 11 }]) {
      expect(await post('/book', body)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    }
    expect(await post('/book', { eventId: '999', userId: 'ann' })).toMatchObject({
      status: 404,
      body: { code: 'event_not_found' },
    });
    expect(await recount(eventId)).toMatchObject({ event: 0, bookings: 0 });
  });
});
