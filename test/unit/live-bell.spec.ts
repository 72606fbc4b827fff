import { expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import type { ChangeListener, EventChangesRepository } from '../../src/events/index.js';
import { ChangeBell } from '../../src/live/change-bell.js';
import type { LiveMetrics } from '../../src/live/live.metrics.js';
import type { Log } from '../../src/platform/logging/index.js';
import { FakeClock, settle } from '../support/fake-clock.js';

const at = (seconds: number) => new mongo.Timestamp({ t: seconds, i: 1 });

interface Stream {
  readonly listener: ChangeListener;
  readonly signal: AbortSignal;
  fail(): Promise<void>;
}

/** A bell whose change streams open and fail when the test says so. */
function setUp() {
  const clock = new FakeClock();
  const streams: Stream[] = [];
  const rung: string[] = [];
  const changes = {
    follow: (listener: ChangeListener, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => resolve());
        const fail = () => {
          reject(new Error('history lost'));
          return settle();
        };
        streams.push({ listener, signal, fail });
      }),
  } as unknown as EventChangesRepository;
  const seen = { restarts: 0, interrupted: false };
  const metrics = {
    countRestart: () => (seen.restarts += 1),
    showInterrupted: (is: boolean) => (seen.interrupted = is),
  } as unknown as LiveMetrics;
  const lines: string[] = [];
  const log = {
    warn: (_fields: object, line: string) => lines.push(line),
    info: (line: string) => lines.push(line),
  } as unknown as Log;
  const bell = new ChangeBell(changes, clock, metrics, log);
  const ring = { changed: (eventId: string) => rung.push(eventId), missed: () => rung.push('all') };
  return { clock, streams, rung, bell, ring, seen, lines };
}

it('opens one change stream for all who wait, and rings for what it says', async () => {
  const { streams, rung, bell, ring } = setUp();
  const opening = Promise.all([bell.open(ring), bell.open(ring)]);
  expect(streams).toHaveLength(1);
  streams[0]!.listener.opened(at(5));
  await opening;
  expect(bell.moment).toEqual(at(5));
  await streams[0]!.listener.changed('a', at(7));
  await streams[0]!.listener.changed('b', at(6));
  expect([rung, bell.moment]).toEqual([['a', 'b'], at(7)]);
});

it('says that anything may have changed once a new change stream is open, and not before', async () => {
  const { clock, streams, rung, bell, ring, seen, lines } = setUp();
  const opening = bell.open(ring);
  streams[0]!.listener.opened(at(5));
  await opening;
  await streams[0]!.fail();
  for (let time = 1; time <= 3; time++) {
    expect(seen).toEqual({ restarts: time, interrupted: true });
    await clock.advance(250);
    if (time < 3) await streams[time]!.fail();
  }
  expect(rung).toEqual([]);
  streams[3]!.listener.opened(at(4));
  expect([rung, bell.moment, seen.interrupted]).toEqual([['all'], at(4), false]);
  expect(lines).toHaveLength(2);
});

it('tells who wants to listen why there is no change stream, also those who come later', async () => {
  const { streams, bell, ring } = setUp();
  const opening = bell.open(ring);
  void streams[0]!.fail();
  await expect(opening).rejects.toThrow('history lost');
  await expect(bell.open(ring)).rejects.toThrow('history lost');
  expect(streams).toHaveLength(1);
});

it('gives up waiting for a database that says nothing', async () => {
  const { clock, bell, ring } = setUp();
  const opening = bell.open(ring);
  void clock.advance(3_000);
  await expect(opening).rejects.toMatchObject({ code: 'database_unavailable' });
});

it('rings no more once it is closed, and can be opened again', async () => {
  const { clock, streams, rung, bell, ring, seen } = setUp();
  const opening = bell.open(ring);
  const [first] = streams;
  first!.listener.opened(at(5));
  await opening;
  bell.close();
  expect(first!.signal.aborted).toBe(true);
  await settle();
  await first!.listener.changed('a', at(6));
  const again = bell.open(ring);
  streams[1]!.listener.opened(at(9));
  await again;
  await streams[1]!.listener.changed('b', at(10));
  await clock.advance(10_000);
  expect([rung, streams.length, seen.restarts]).toEqual([['b'], 2, 0]);
});
