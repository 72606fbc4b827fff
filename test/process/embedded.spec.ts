import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mongoose';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/platform/database/local-mongod.js';
import { findImbalances } from '../support/check-books.js';
import { bookedOf, times } from '../support/race.js';
import { runToEnd, type ServerProcess, Workplace } from '../support/server-process.js';
import { until } from '../support/until.js';

describe('the product on its embedded MongoDB', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  it('says where the API, the docs and the data are', async () => {
    const folder = workplace.folder();
    const server = await (await workplace.start(folder)).ready();

    // It is written a moment after the server is ready.
    for (const said of [server.api.url, `${server.api.url}/docs`, 'data (embedded MongoDB)']) await server.says(said);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'answers what is in flight at %s, and ends with 0, mongod too',
    async (signal) => {
      const server = await (await workplace.start(workplace.folder())).ready();
      const event = await server.api.createEvent({ totalTickets: 100 });
      const pid = server.mongodPid;

      const book = () => times(40, () => server.api.book(event._id));
      // The first round leaves open connections behind, so that the second is sent at once.
      await Promise.all(book());
      const answers = book();
      await answers[0];
      const exit = await server.end(signal);

      expect(exit).toEqual({ code: 0, signal: null });
      expect(isAlive(pid)).toBe(false);
      expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(times(40, () => 201));
    },
  );

  it('keeps every acknowledged booking over a kill -9 under load, three times in a row', async () => {
    const folder = workplace.folder();
    let server = await (await workplace.start(folder)).ready();
    const event = await server.api.createEvent({ totalTickets: 100_000 });
    const acknowledged: string[] = [];

    for (let round = 1; round <= 3; round++) {
      const before = acknowledged.length;
      const callers = times(30, () => bookUntilKilled(server, event._id, acknowledged));
      await until('30 more bookings are acknowledged', () => acknowledged.length >= before + 30);
      await server.end('SIGKILL');
      await Promise.all(callers);
      server = await (await workplace.start(folder)).ready();
    }

    const { bookings } = (await server.api.get(`/bookings?eventId=${event._id}`)).body;
    const stored = new Set(bookings.map(({ _id }: { _id: string }) => _id));
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    expect((await server.api.get(`/events/${event._id}/integrity`)).body).toMatchObject({ balanced: true });
    expect(await imbalancesOf(folder)).toEqual([]);
  });

  it('goes on after a kill -9 of mongod, with every acknowledged booking', async () => {
    const folder = workplace.folder();
    const server = await (await workplace.start(folder)).ready();
    const event = await server.api.createEvent({ totalTickets: 200 });

    const rush = Promise.all(times(100, () => server.api.bookUntilAnswered(event._id)));
    const soldTickets = async () => (await server.api.get(`/events/${event._id}`)).body.event?.soldTickets;
    await until('10 tickets are sold', async () => (await soldTickets()) >= 10);
    process.kill(server.mongodPid, 'SIGKILL');
    const answers = await rush;
    await server.ready();
    const died = server.output.split('\n').filter((line) => line.includes('ended (SIGKILL)'));
    expect(died).toEqual([expect.stringMatching(/"level":50,.*embedded MongoDB is started again.*mongod\.log/)]);

    const { bookings } = (await server.api.get(`/bookings?eventId=${event._id}`)).body;
    const stored = new Set(bookings.map(({ _id }: { _id: string }) => _id));
    const booked = bookedOf(answers);
    expect(booked.length).toBeGreaterThanOrEqual(10);
    expect(booked.filter(({ _id }) => !stored.has(_id))).toEqual([]);
    expect(answers.filter(({ status }) => status !== 201 && status !== 503)).toEqual([]);
    expect(await imbalancesOf(folder)).toEqual([]);
  });

  it('refuses to start twice on the same data, and harms nothing', async () => {
    const folder = workplace.folder();
    const first = await (await workplace.start(folder)).ready();
    const event = await first.api.createEvent();

    const second = await workplace.start(folder);

    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.output).toMatch(/data in .*data is in use by another server/);
    expect(second.output).not.toMatch(/^\s+at /m);
    expect((await first.api.book(event._id)).status).toBe(201);
  });

  it('finds its data again where mongod.json is damaged', async () => {
    const folder = workplace.folder();
    const first = await (await workplace.start(folder)).ready();
    const event = await first.api.createEvent();
    await first.end();
    for (const damage of ['{"port": "7", "binary": 1}', 'null', '{"uri":']) {
      writeFileSync(join(folder, 'data/mongod.json'), damage);
      const next = await (await workplace.start(folder)).ready();
      expect((await next.api.get(`/events/${event._id}`)).status).toBe(200);
      await next.end();
    }
  }, 120_000);

  it('lets a command use the MongoDB that runs, and start it where none does', async () => {
    const folder = workplace.folder();
    const server = await (await workplace.start(folder)).ready();
    await server.api.createEvent();

    const beside = await runToEnd(folder, 'dist/cli/audit.js');
    await server.end();
    const alone = await runToEnd(folder, 'dist/cli/audit.js', [], { MONGO_URI: ' ' });

    for (const audit of [beside, alone]) {
      expect(audit).toMatchObject({ code: 0, stdout: '1 events recounted: every book balances.\n' });
    }
  }, 120_000);
});

async function bookUntilKilled(server: ServerProcess, eventId: string, acknowledged: string[]): Promise<void> {
  for (;;) {
    const answer = await server.api.book(eventId).catch(() => undefined);
    if (!answer) return;
    if (answer.status === 201) acknowledged.push(answer.body.booking._id as string);
  }
}

async function imbalancesOf(folder: string): Promise<unknown[]> {
  const { uri } = JSON.parse(readFileSync(join(folder, 'data/mongod.json'), 'utf8')) as { uri: string };
  const connection = await createConnection(uri).asPromise();
  try {
    return await findImbalances(connection.db!);
  } finally {
    await connection.close();
  }
}
