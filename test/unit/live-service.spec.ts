import { expect, it } from '@jest/globals';
import type { DueTickets, Event, TicketInventoryRepository } from '../../src/events/index.js';
import type { ChangeBell } from '../../src/live/change-bell.js';
import { LiveBoard } from '../../src/live/live-board.js';
import type { LiveMetrics } from '../../src/live/live.metrics.js';
import { LiveService } from '../../src/live/live.service.js';
import type { Shutdown } from '../../src/platform/http/index.js';
import { FakeClock, settle } from '../support/fake-clock.js';

const eventOf = (revision: number) => ({ id: 'a', revision, sections: [] as unknown }) as Event;

function setUp(open: () => Promise<void> = () => Promise.resolve()) {
  const clock = new FakeClock();
  const steps: string[] = [];
  let revision = 1;
  let answer = () => {};
  const inventory = {
    readCommittedSince() {
      steps.push('read');
      const event = eventOf(revision);
      return new Promise((resolve) => (answer = () => resolve(new Map([['a', event]]))));
    },
  } as unknown as TicketInventoryRepository;
  const bell = {
    moment: {},
    open() {
      steps.push('open');
      return open();
    },
    close: () => steps.push('close'),
  } as unknown as ChangeBell;
  const board = new LiveBoard(inventory, bell, clock);
  const ignored = () => undefined;
  const metrics = { showStreams: ignored, countMessages: ignored } as unknown as LiveMetrics;
  const due = { start: ignored } as unknown as DueTickets;
  const shutdown = { beforeDrain: ignored } as unknown as Shutdown;
  const service = new LiveService(board, bell, due, clock, metrics, shutdown, { maxStreams: 1 });
  const sell = () => {
    revision += 1;
    board.changed('a');
  };
  return { clock, steps, board, service, sell, answer: () => answer() };
}

it('opens the change stream before it reads, and keeps what changes in between', async () => {
  const { clock, steps, service, sell, answer } = setUp();
  const following = service.follow(['a']);
  await settle();
  expect(steps).toEqual(['open', 'read']);
  // Committed after the read, and told before its answer.
  sell();
  answer();
  const listener = await following;
  await clock.advance(0);
  answer();
  await settle();
  const written: string[] = [];
  listener.connect({ write: (text) => written.push(text), end: () => undefined });
  expect(written.join('')).toContain('"revision":2');
});

it('keeps neither a listener nor a change stream for who could not be served', async () => {
  const { steps, board, service } = setUp(() => Promise.reject(new Error('no privilege')));
  await expect(service.follow(['a'])).rejects.toThrow('no privilege');
  expect([board.size, steps]).toEqual([0, ['open', 'close']]);
});

it('counts those that are being opened', async () => {
  const { service } = setUp(() => new Promise(() => undefined));
  void service.follow(['a']);
  await expect(service.follow(['a'])).rejects.toMatchObject({ code: 'too_many_streams' });
});
