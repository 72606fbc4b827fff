import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { TestingModuleBuilder } from '@nestjs/testing';
import type { Connection } from 'mongoose';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Clock, SystemClock } from '../../src/common/clock.js';
import { ApiKeysService } from '../../src/platform/auth/index.js';
import { SHUTDOWN_TIMES, type ShutdownTimes } from '../../src/platform/http/index.js';
import { LoadGate } from '../../src/platform/overload/load-gate.js';
import { LiveStream } from '../support/live-stream.js';
import { expectProblem } from '../support/expect-problem.js';
import { times } from '../support/race.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const HEARTBEAT_MS = 15_000;
const UNKNOWN_ID = '67841f2a3b4c5d6e7f809100';

let shared: RunningApp | undefined;
let running: RunningApp;
let streams: LiveStream[] = [];
afterEach(async () => {
  for (const stream of streams) stream.close();
  streams = [];
  if (running !== shared) await running.close();
});
afterAll(() => shared?.close());
/** Without options it is the same for all tests. */
const start = async (options?: AppOptions) => {
  running = options ? await startApp(options) : (shared ??= await startApp());
  return running.api;
};
const open = async (path: string, headers?: Record<string, string>): Promise<LiveStream> => {
  const stream = await LiveStream.open(running.api.url, path, headers);
  streams.push(stream);
  return stream;
};
const follow = (eventId: string, headers?: Record<string, string>) =>
  open(`/events/${eventId}/availability/stream`, headers);
const followMany = (...eventIds: string[]) => open(`/availability/stream?eventIds=${eventIds.join(',')}`);
const metric = async (name: string) =>
  Number(new RegExp(`^${name} (\\d+)`, 'm').exec((await running.api.get('/metrics')).body as string)?.[1]);
const untilStreams = (count: number) =>
  until(`${count} streams are open`, async () => (await metric('live_streams_open')) === count);

describe('the stream of an event', () => {
  it('has the state at once: the revision is its id, and the counts of each section are in it', async () => {
    const api = await start();
    const event = await api.createEvent({
      sections: [
        { name: 'Balcony', capacity: 4 },
        { name: 'Stalls', capacity: 6 },
      ],
    });
    const [balcony, stalls] = event.sections as { _id: string }[];
    await api.book(event._id, { sectionId: stalls!._id, quantity: 2 });
    await api.hold(event._id, { sectionId: balcony!._id, quantity: 1 });

    const stream = await follow(event._id);
    await stream.untilStates(1);
    expect(stream.states).toEqual([
      {
        id: 3,
        eventId: event._id,
        revision: 3,
        availableTickets: 7,
        heldTickets: 1,
        soldTickets: 2,
        sections: [
          { _id: balcony!._id, availableTickets: 3, heldTickets: 1, soldTickets: 0 },
          { _id: stalls!._id, availableTickets: 4, heldTickets: 0, soldTickets: 2 },
        ],
        at: expect.any(Number),
      },
    ]);
    expect(stream.retryMs).toBeGreaterThanOrEqual(500);
    expect(stream.retryMs).toBeLessThanOrEqual(1_500);
    const { headers } = stream.response;
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('x-request-id')).toMatch(/./);
    expect(headers.get('ratelimit')).toMatch(/./);
  });

  it('has what another server sells, holds and edits', async () => {
    const api = await start();
    const other = await startApp({ uri: running.uri });
    try {
      const event = await api.createEvent();
      const stream = await follow(event._id.toUpperCase());
      await stream.untilStates(1);
      const booked = await other.api.book(event._id, { quantity: 3 });
      expect(await stream.untilSold(3)).toMatchObject({ revision: 2, availableTickets: 7 });
      await other.api.hold(event._id, { quantity: 2 });
      await until('2 tickets are held', () => stream.last?.heldTickets === 2);
      await other.api.post(`/bookings/${booked.body.booking._id}/cancel`);
      expect(await stream.untilSold(0)).toMatchObject({ availableTickets: 8, heldTickets: 2 });
      const headers = { 'if-match': '*', 'content-type': 'application/merge-patch+json' };
      await other.api.request('PATCH', `/events/${event._id}`, { totalTickets: 20 }, headers);
      await until('18 tickets are available', () => stream.last?.availableTickets === 18);
    } finally {
      await other.close();
    }
  });

  it('has the newest state at most 4 times a second while hundreds are sold, and never an older one', async () => {
    const api = await start();
    const event = await api.createEvent({ totalTickets: 1_000 });
    const [first, second] = [await follow(event._id), await follow(event._id)];
    const openedAt = performance.now();
    let sold = 0;
    await Promise.all(
      times(20, async () => {
        while (performance.now() - openedAt < 1_500 || sold < 300) {
          sold += 1;
          expect((await api.book(event._id)).status).toBe(201);
        }
      }),
    );
    const revision = (await api.get(`/events/${event._id}`)).body.event.revision as number;
    for (const stream of [first, second]) {
      await stream.untilSold(sold);
      const seconds = (performance.now() - openedAt) / 1_000;
      expect(stream.states.length).toBeGreaterThan(2);
      expect(stream.states.length).toBeLessThanOrEqual(4 * seconds + 1);
      expect(stream.states.length).toBeLessThan(revision);
      const revisions = stream.states.map((state) => state.revision);
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
      for (const { availableTickets, soldTickets } of stream.states) expect(availableTickets + soldTickets).toBe(1_000);
      expect(revisions.at(-1)).toBe(revision);
    }
  });

  it('goes on after the revision that the client has seen', async () => {
    const api = await start();
    const event = await api.createEvent();
    await api.book(event._id);
    const [same, older, newer, wrong] = await Promise.all(
      ['2', '1', '99', 'x'].map((id) => follow(event._id, { 'last-event-id': id })),
    );
    await api.book(event._id);
    const revisionsOf = async (stream: LiveStream) => {
      await stream.untilSold(2);
      return stream.states.map(({ id }) => id);
    };
    expect(await revisionsOf(same!)).toEqual([3]);
    for (const stream of [older, newer, wrong]) expect(await revisionsOf(stream!)).toEqual([2, 3]);
  });

  it('ends when the event is deleted', async () => {
    const api = await start();
    const [event, other] = [await api.createEvent(), await api.createEvent()];
    const [one, both, rest] = [
      await follow(event._id),
      await followMany(event._id, other._id),
      await follow(other._id),
    ];
    expect((await api.request('DELETE', `/events/${event._id}`)).status).toBe(204);
    await one.untilEnded();
    await both.untilEnded();
    expect(rest.hasEnded).toBe(false);
    expectProblem(await api.get(`/events/${event._id}/availability/stream`), 404, 'event_not_found');
    await untilStreams(1);
  });

  it('needs a change stream only while somebody listens', async () => {
    const api = await start();
    const event = await api.createEvent();
    const countChangeStreams = async () => {
      const stages = [{ $currentOp: { idleCursors: true } }, { $match: { ns: `${running.db.databaseName}.events` } }];
      const client = running.app.get<Connection>(getConnectionToken()).getClient();
      const found = await client
        .db('admin')
        .aggregate(stages, { readConcern: { level: 'local' } })
        .toArray();
      return found.filter((operation) => JSON.stringify(operation).includes('$changeStream')).length;
    };
    expect(await countChangeStreams()).toBe(0);
    for (const round of [1, 2]) {
      const both = await Promise.all([follow(event._id), follow(event._id)]);
      await until('there is one change stream', async () => (await countChangeStreams()) === 1);
      await api.book(event._id);
      for (const stream of both) await stream.untilSold(round);
      for (const stream of both) stream.close();
      await until('there is no change stream', async () => (await countChangeStreams()) === 0);
    }
    expect(await metric('live_change_stream_restarts_total')).toBe(0);
  });
});

describe('the stream of many events', () => {
  it('has the state of each at once, once, and then of those that change', async () => {
    const api = await start();
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.push((await api.createEvent())._id as string);
    const stream = await followMany(...ids, ids[0]!.toUpperCase());
    await stream.untilStates(5);
    expect(stream.states.map(({ eventId }) => eventId).sort()).toEqual(ids.sort());
    await Promise.all([api.book(ids[1]!), api.book(ids[3]!, { quantity: 2 })]);
    const soldOf = (eventId: string) => stream.states.filter((state) => state.eventId === eventId).at(-1)?.soldTickets;
    await until('both have changed', () => soldOf(ids[1]!) === 1 && soldOf(ids[3]!) === 2);
    expect(stream.states).toHaveLength(7);
  });

  it('takes 100 events and no more', async () => {
    const api = await start();
    const { insertedIds } = await running.db.collection('events').insertMany(
      Array.from({ length: 100 }, () => ({
        ...{ name: 'Matinee', status: 'on_sale', totalTickets: 1, availableTickets: 1, heldTickets: 0, soldTickets: 0 },
        ...{ sections: [], version: 1, revision: 1, createdAt: new Date(), updatedAt: new Date() },
      })),
    );
    const ids = Object.values(insertedIds).map((id) => id.toHexString());
    const stream = await followMany(...ids);
    await stream.untilStates(100);
    expect(new Set(stream.states.map(({ eventId }) => eventId))).toEqual(new Set(ids));
    expectProblem(
      await api.get(`/availability/stream?eventIds=${[...ids, UNKNOWN_ID].join()}`),
      400,
      'validation_failed',
    );
  });

  it.each(['', '?eventIds=', '?eventIds=x', `?eventIds=${UNKNOWN_ID},`, `?eventIds=${UNKNOWN_ID}&eventIds=x`])(
    'refuses the query "%s"',
    async (query) => {
      const answer = await (await start()).get(`/availability/stream${query}`);
      expectProblem(answer, 400, 'validation_failed');
      expect(answer.body.errors).toEqual([{ pointer: '#/eventIds', message: expect.stringContaining('1 to 100 ids') }]);
    },
  );

  it('refuses an unknown field, a malformed id and an unknown event, and keeps no stream for them', async () => {
    const api = await start();
    const event = await api.createEvent();
    const ids = `${event._id},${UNKNOWN_ID}`;
    expectProblem(await api.get(`/availability/stream?eventIds=${event._id}&x=1`), 400, 'validation_failed');
    expectProblem(await api.get('/events/x/availability/stream'), 400, 'validation_failed');
    expectProblem(await api.get(`/events/${UNKNOWN_ID}/availability/stream`), 404, 'event_not_found');
    const answer = await api.get(`/availability/stream?eventIds=${ids}`);
    expectProblem(answer, 404, 'event_not_found');
    expect(answer.body.detail).toContain(UNKNOWN_ID);
    await untilStreams(0);
  });
});

/** The product where no more than so many requests may be under way. */
function withRoomFor(maxInFlight: number) {
  const limits = { maxDelayMs: Infinity, crowdDelayMs: Infinity, crowd: Infinity, windowMs: 60_000 };
  return (builder: TestingModuleBuilder) =>
    builder.overrideProvider(LoadGate).useFactory({
      inject: [Clock],
      factory: (clock: Clock) => new LoadGate(clock, { ...limits, maxInFlight, maxInFlightOverloaded: maxInFlight }),
    });
}

/** Its heart beats soon. */
class HastyClock extends SystemClock {
  override after(milliseconds: number, then: () => void): () => void {
    return super.after(milliseconds === HEARTBEAT_MS ? 20 : milliseconds, then);
  }
}
const hasty = (builder: TestingModuleBuilder) => builder.overrideProvider(Clock).useClass(HastyClock);

describe('streams', () => {
  it('are as many as MAX_STREAMS says, and one that is closed makes room', async () => {
    const api = await start({ config: { maxStreams: 2 } });
    const event = await api.createEvent();
    const path = `/events/${event._id}/availability/stream`;
    const [first] = [await follow(event._id), await followMany(event._id)];
    const refused = await api.get(path);
    expectProblem(refused, 503, 'too_many_streams');
    expect(refused.headers.get('retry-after')).toMatch(/^[123]$/);
    first.close();
    await untilStreams(1);
    await follow(event._id);
    expectProblem(await api.get(path), 503, 'too_many_streams');
  });

  it('take no place of the requests under way', async () => {
    const api = await start({ override: withRoomFor(1) });
    const event = await api.createEvent();
    for (let count = 1; count <= 5; count++) await (await follow(event._id)).untilStates(1);
    expect(running.app.get(LoadGate).inFlight).toBe(0);
    expect((await api.book(event._id)).status).toBe(201);
    for (const stream of streams) await stream.untilSold(1);
    for (const stream of streams) stream.close();
    await untilStreams(0);
    // Who leaves twice would leave a place too many.
    expect(running.app.get(LoadGate).inFlight).toBe(0);
  });

  it('are forgotten when their clients hang up, whenever that is, and after HEAD', async () => {
    const api = await start();
    const event = await api.createEvent();
    const path = `/events/${event._id}/availability/stream`;
    expect((await api.request('HEAD', path)).headers.get('content-type')).toBe('text/event-stream');
    const sockets = Array.from({ length: 20 }, () => connect(Number(new URL(api.url).port), '127.0.0.1'));
    for (const [index, socket] of sockets.entries()) {
      socket.on('error', () => undefined).write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      setTimeout(() => socket.resetAndDestroy(), index);
    }
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('close', done))));
    await api.get('/health/live');
    await untilStreams(0);
  });

  it('have a comment as a sign of life', async () => {
    const api = await start({ override: hasty });
    const stream = await follow((await api.createEvent())._id);
    await until('two heartbeats have come', () => stream.comments.length >= 2);
    expect(stream.states).toHaveLength(1);
  });

  it('are for keys that may read events, until these are revoked', async () => {
    const api = await start({ override: hasty });
    const event = await api.createEvent();
    const keys = running.app.get(ApiKeysService);
    const [seller, operator] = [await keys.create('shop', ['sell']), await keys.create('office', ['operate'])];
    const [sells, operates] = [seller, operator].map(({ token }) => ({ authorization: `Bearer ${token}` }));
    const [one, other] = [await follow(event._id, sells), await follow(event._id, operates)];
    await until('nobody may follow without a key', async () => {
      const stream = await follow(event._id).catch(() => undefined);
      stream?.close();
      return stream === undefined;
    });
    expectProblem(await api.get(`/events/${event._id}/availability/stream`), 401, 'unauthorized');
    await keys.revoke(seller.key.id);
    await one.untilEnded();
    await other.untilStates(1);
    const beats = other.comments.length;
    await until('the other key still listens', () => other.comments.length > beats + 2);
    expect(other.hasEnded).toBe(false);
  });
});

describe('the follower in examples/', () => {
  it('shows each state, with a key, and ends with the reason where there is nothing to follow', async () => {
    const api = await start({});
    const event = await api.createEvent();
    const { token } = await running.app.get(ApiKeysService).create('shop', ['sell']);
    const follower = (eventId: string, key: string) => {
      const child = spawn(process.execPath, ['examples/watch.mjs', eventId, api.url], {
        env: { ...process.env, API_KEY: key },
      });
      const output = { text: '' };
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
      }
      return { child, output, ended: new Promise((done) => child.once('close', done)) };
    };
    const { child, output, ended } = follower(event._id, token);
    await until('it shows the state', () => output.text.includes('10 left (revision 1)\n'));
    expect((await api.withKey(token).book(event._id, { quantity: 3 })).status).toBe(201);
    await until('it shows the next', () => output.text.includes('7 left (revision 2)\n'));
    child.kill('SIGKILL');
    await ended;
    const lost = follower(UNKNOWN_ID, token);
    await lost.ended;
    expect(lost.output.text).toBe('Event not found\n');
  });
});

describe('a server that shuts down', () => {
  const times: ShutdownTimes = { delayMs: 0, drainMs: 60_000 };
  beforeEach(async () => {
    await start({ override: (builder) => builder.overrideProvider(SHUTDOWN_TIMES).useValue(times) });
  });

  it('ends its streams first, and waits for none of them', async () => {
    const event = await running.api.createEvent();
    const stream = await follow(event._id);
    await stream.untilStates(1);
    // It would be waited for until the time to drain is over.
    await running.app.close();
    await stream.untilEnded();
  });

  it('waits for no client that takes nothing', async () => {
    const { socket } = await followSlowly();
    await running.app.close();
    socket.destroy();
  });
});

describe('a client that does not read', () => {
  it('costs one state of each event at most, and gets the newest of all when it reads again', async () => {
    await start({});
    const { ids, socket, change, countSent } = await followSlowly();
    const sent = await countSent();
    for (let round = 0; round < 5; round++) await change();
    expect(await countSent()).toBe(sent);

    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => (text += String(chunk)));
    socket.resume();
    const newest = await change();
    const isNewest = (id: string) => text.includes(`"eventId":"${id}","revision":${newest},`);
    await until('the newest states have come', () => ids.every(isNewest));
    // What waited, and the last change.
    expect((await countSent()) - sent).toBeLessThanOrEqual(2 * ids.length);
    socket.destroy();
  });
});

/** A client that follows large events, and has taken all that it can without reading. `change` changes each of them. */
async function followSlowly() {
  const ids = await Promise.all(Array.from({ length: 50 }, () => createLarge(running)));
  const events = running.db.collection('events');
  const socket = connect(Number(new URL(running.api.url).port), '127.0.0.1').pause();
  socket.on('error', () => undefined);
  socket.write(`GET /availability/stream?eventIds=${ids.join()} HTTP/1.1\r\nHost: x\r\n\r\n`);
  // Another client, which reads, says when a change has come through.
  const reader = await follow(ids[0]!);
  await untilStreams(2);
  const change = async () => {
    await events.updateMany({}, { $inc: { revision: 1 } });
    const revision = (await events.findOne())!['revision'] as number;
    await until('the change has come', () => reader.last?.revision === revision);
    return revision;
  };
  const countSent = async () => (await metric('live_messages_total')) - reader.states.length;
  let before = -1;
  await until('nothing more is taken', async () => {
    await change();
    const sent = await countSent();
    const isBlocked = sent === before;
    before = sent;
    return isBlocked;
  });
  return { ids, socket, change, countSent };
}

async function createLarge({ api }: RunningApp): Promise<string> {
  const sections = Array.from({ length: 200 }, (_, index) => ({ name: `Section ${index}`, capacity: 1 }));
  return (await api.createEvent({ sections }))._id as string;
}
