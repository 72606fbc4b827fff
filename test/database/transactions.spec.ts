import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection, mongo } from 'mongoose';
import { Clock } from '../../src/common/clock.js';
import { Transactions } from '../../src/platform/database/index.js';
import { FakeClock } from '../support/fake-clock.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

const DEADLINE_MS = 5_000;

describe('a transaction', () => {
  let running: RunningApp;
  const start = async (options: AppOptions) => {
    running = await startApp(options);
    return running.app.get<Connection>(getConnectionToken());
  };
  afterEach(() => running.close());

  it('reads one snapshot, and waits for a journaled majority; every other read is of what a majority has', async () => {
    const uri = freshDatabaseUri();
    const connection = await start({ uri: `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true` });
    const sent: mongo.CommandStartedEvent[] = [];
    connection.getClient().on('commandStarted', (event) => sent.push(event));
    const concerns = (name: string, isInTransaction: boolean) =>
      sent
        .filter(({ commandName, command }) => commandName === name && 'txnNumber' in command === isInTransaction)
        .map(({ command }) => command['readConcern'] ?? command['writeConcern']);
    const { api } = running;

    const event = await api.createEvent({ totalTickets: 1 });
    const booked = await api.book(event._id);
    expect(concerns('insert', true)[0]).toEqual({ level: 'snapshot' });
    expect(concerns('find', true)).toEqual([{ level: 'snapshot' }]);
    expect(concerns('commitTransaction', true)).toMatchObject(Array(2).fill({ w: 'majority', j: true }));

    expect((await api.book(event._id)).status).toBe(409);
    await api.get(`/events/${event._id}`);
    await api.get(`/bookings/${booked.body.booking._id}`);
    const plain = concerns('find', false);
    expect(plain).toEqual(plain.map(() => ({ level: 'majority' })));
    expect(plain.length).toBeGreaterThanOrEqual(3);
  });

  it('that hangs is answered at its deadline, whatever the database does', async () => {
    const clock = new FakeClock();
    await start({ override: (builder) => builder.overrideProvider(Clock).useValue(clock) });
    let told: unknown;

    const hanging = running.app
      .get(Transactions)
      .run(clock.monotonic() + DEADLINE_MS, () => new Promise(() => undefined));
    hanging.catch((error: unknown) => (told = error));
    await clock.advance(DEADLINE_MS);

    expect(told).toMatchObject({ code: 'database_unavailable' });
  });

  it('that is late commits nothing any more: its caller was told that nothing has changed', async () => {
    const clock = new FakeClock();
    const connection = await start({ override: (builder) => builder.overrideProvider(Clock).useValue(clock) });
    const notes = connection.collection('notes');
    let ended: Promise<unknown> | undefined;

    const late = running.app.get(Transactions).run(clock.monotonic() + DEADLINE_MS, async ({ session }) => {
      ended = once(session, 'ended');
      await notes.insertOne({}, { session });
      await clock.advance(DEADLINE_MS);
    });

    await expect(late).rejects.toMatchObject({ code: 'database_unavailable' });
    await ended;
    expect(await running.db.collection('notes').countDocuments()).toBe(0);
  });
});
