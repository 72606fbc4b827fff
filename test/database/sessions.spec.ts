import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection, mongo } from 'mongoose';
import { type RunningApp, startApp } from '../support/start-app.js';
import { NOT_OF_REQUESTS, watchedUri } from '../support/watch-commands.js';

/** A command as the driver sends it: `find events`, and which transaction it belongs to. */
interface SentCommand {
  readonly what: string;
  readonly transaction: string | undefined;
}

function describeCommand({ commandName, command }: mongo.CommandStartedEvent): SentCommand {
  const target = typeof command[commandName] === 'string' ? ` ${command[commandName]}` : '';
  const isInTransaction = command['autocommit'] === false && command['lsid'] !== undefined;
  return {
    what: commandName + target,
    transaction: isInTransaction ? `${String(command['lsid'].id)}/${String(command['txnNumber'])}` : undefined,
  };
}

describe('every command of a transaction carries its session', () => {
  const sent: SentCommand[] = [];
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp({ uri: watchedUri() });
    const client = running.app.get<Connection>(getConnectionToken()).getClient();
    client.on('commandStarted', (event) => {
      const command = describeCommand(event);
      if (!NOT_OF_REQUESTS.includes(command.what)) sent.push(command);
    });
  });
  afterAll(() => running.close());

  /** What `request` sends inside of its transactions and outside; all of the inside belongs to one. */
  const commandsOf = async (request: () => Promise<{ status: number }>, status: number) => {
    sent.length = 0;
    expect((await request()).status).toBe(status);
    const inside = sent.filter(({ transaction }) => transaction !== undefined);
    expect(new Set(inside.map(({ transaction }) => transaction)).size).toBeLessThanOrEqual(1);
    const names = (commands: readonly SentCommand[]) => commands.map(({ what }) => what);
    return { inside: names(inside), outside: names(sent.filter(({ transaction }) => transaction === undefined)) };
  };

  it('in a booking, whether the event is known or read first', async () => {
    const { api } = running;
    const event = await api.createEvent();
    const writes = ['update events', 'insert movements', 'insert bookings', 'commitTransaction'];
    const first = await commandsOf(() => api.book(event._id), 201);
    expect(first).toEqual({ inside: ['find events', ...writes], outside: [] });
    const next = await commandsOf(() => api.book(event._id), 201);
    expect(next).toEqual({ inside: writes, outside: [] });
  });

  it('in a cancellation, but for the read that finds its event', async () => {
    const { api } = running;
    const event = await api.createEvent();
    const booked = await api.book(event._id);
    const cancelled = await commandsOf(() => api.post(`/bookings/${booked.body.booking._id}/cancel`), 200);
    expect(cancelled.outside).toEqual(['find bookings']);
    expect(cancelled.inside).toEqual([
      'find bookings',
      'update events',
      'insert movements',
      'update bookings',
      'insert bookingChanges',
      'commitTransaction',
    ]);
  });

  it('in joining a waitlist, in a cancellation that hands over, and in leaving with the offer', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 1 });
    const booked = await api.book(event._id);
    let entryId = '';
    const joined = await commandsOf(async () => {
      const answer = await api.join(event._id, { userId: 'ann' });
      entryId = answer.body.entry._id;
      return answer;
    }, 201);
    expect(joined).toEqual({
      inside: ['find waitlistEntries', 'update events', 'insert waitlistEntries', 'commitTransaction'],
      // Its place in the order, as it is once it has joined.
      outside: ['find events', 'aggregate waitlistEntries'],
    });
    await api.join(event._id, { userId: 'bob' });

    const cancelled = await commandsOf(() => api.post(`/bookings/${booked.body.booking._id}/cancel`), 200);
    expect(cancelled.inside).toEqual([
      'find bookings',
      // The first who wait: one command, for all quantities.
      'aggregate events',
      'update events',
      'insert movements',
      'update bookings',
      'insert bookingChanges',
      'insert holds',
      'update waitlistEntries',
      'commitTransaction',
    ]);

    const left = await commandsOf(() => api.post(`/events/${event._id}/waitlist/${entryId}/leave`), 200);
    expect(left.inside).toEqual([
      'find holds',
      'find waitlistEntries',
      'aggregate events',
      'update events',
      'insert movements',
      'insert holds',
      'update holds',
      'update waitlistEntries',
      'commitTransaction',
    ]);
  });

  it('in a creation', async () => {
    const create = () => running.api.post('/events/create', { name: 'Concert Night', totalTickets: 1 });
    expect(await commandsOf(create, 201)).toEqual({
      inside: ['insert events', 'insert movements', 'commitTransaction'],
      outside: [],
    });
  });

  it('and a refusal of what looks sold out is one committed read, outside of any', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 1 });
    await api.book(event._id);
    expect(await commandsOf(() => api.book(event._id), 409)).toEqual({ inside: [], outside: ['find events'] });
  });
});
