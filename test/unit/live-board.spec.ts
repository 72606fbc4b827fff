import { describe, expect, it } from '@jest/globals';
import type { Event, TicketInventoryRepository } from '../../src/events/index.js';
import type { ChangeBell } from '../../src/live/change-bell.js';
import { Listener, PACE_MS } from '../../src/live/listener.js';
import { LiveBoard } from '../../src/live/live-board.js';
import { FakeClock, settle } from '../support/fake-clock.js';

interface Read {
  readonly ids: readonly string[];
  readonly at: number;
  answer(events: Record<string, number>): Promise<void>;
  fail(): Promise<void>;
}

const eventOf = (id: string, revision: number) => ({ id, revision, sections: [] as unknown }) as Event;

/** A board whose reads are answered when the test says so, or at once with the revisions in `revisions`. */
function setUp() {
  const clock = new FakeClock();
  const reads: Read[] = [];
  const revisions: Record<string, number> = {};
  const setup = { isAnsweredAtOnce: true };
  const toEvents = (known: Record<string, number>) =>
    new Map(Object.entries(known).map(([id, revision]) => [id, eventOf(id, revision)]));
  const readCommittedSince = (_moment: unknown, ids: readonly string[]) =>
    new Promise<ReadonlyMap<string, Event>>((resolve, reject) => {
      const answer = (known: Record<string, number>) => {
        resolve(toEvents(known));
        return settle();
      };
      const fail = () => {
        reject(new Error('the database is away'));
        return settle();
      };
      reads.push({ ids, at: clock.monotonic(), answer, fail });
      if (setup.isAnsweredAtOnce) void answer(revisions);
    });
  const inventory = { readCommittedSince } as unknown as TicketInventoryRepository;
  const board = new LiveBoard(inventory, { moment: {} } as ChangeBell, clock);
  const follow = (...eventIds: string[]) => {
    const got: { text: string; at: number }[] = [];
    const hooks = { late: (eventId: string) => board.changed(eventId), sent: () => undefined };
    const listener = new Listener(eventIds, clock, hooks);
    let hasEnded = false;
    listener.connect({
      write(text, then) {
        const sent = [...text.matchAll(/"eventId":"(\w+)","revision":(\d+)/g)];
        for (const [, id, revision] of sent) got.push({ text: `${id}${revision}`, at: clock.monotonic() });
        queueMicrotask(then);
      },
      end: () => (hasEnded = true),
    });
    board.join(listener);
    return { listener, got, texts: () => got.map(({ text }) => text), hasEnded: () => hasEnded };
  };
  const change = (id: string) => {
    revisions[id] = (revisions[id] ?? 0) + 1;
    board.changed(id);
  };
  return { clock, board, reads, revisions, setup, follow, change };
}

describe('the board', () => {
  it('reads a change at once where nothing has changed for a while', async () => {
    const { clock, reads, follow, change } = setUp();
    const one = follow('a');
    await clock.advance(10_000);
    change('a');
    await clock.advance(0);
    expect(one.got).toEqual([{ text: 'a1', at: 10_000 }]);
    expect(reads).toHaveLength(1);
  });

  it('sends at most 4 states a second of an event, the newest ones, however often it changes', async () => {
    const { clock, revisions, follow, change } = setUp();
    const one = follow('a');
    for (let ms = 0; ms < 10_000; ms++) {
      change('a');
      await clock.advance(1);
    }
    await clock.advance(1_000);
    const gaps = one.got.slice(1).map(({ at }, index) => at - one.got[index]!.at);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(PACE_MS);
    expect(Math.max(...gaps)).toBeLessThan(PACE_MS + 10);
    expect(one.texts().at(-1)).toBe(`a${revisions['a']}`);
  });

  it('keeps the pace where reads take different times', async () => {
    const { clock, setup, reads, follow, change } = setUp();
    setup.isAnsweredAtOnce = false;
    const one = follow('a');
    change('a');
    await clock.advance(0);
    await clock.advance(200);
    await reads[0]!.answer({ a: 1 });
    change('a');
    for (let ms = 0; ms < 600 && reads.length < 2; ms++) await clock.advance(1);
    await reads[1]!.answer({ a: 2 });
    expect(one.got.map(({ at }) => at)[1]! - one.got[0]!.at).toBeGreaterThanOrEqual(PACE_MS);
  });

  it('reads all that have changed in one read, for all who listen, and nothing that nobody listens to', async () => {
    const { clock, reads, follow, change } = setUp();
    const listeners = Array.from({ length: 100 }, () => follow('a', 'b'));
    const other = follow('c');
    for (const id of ['a', 'b', 'a', 'c', 'd']) change(id);
    await clock.advance(0);
    expect(reads.map(({ ids }) => ids)).toEqual([['a', 'b', 'c']]);
    for (const { texts } of listeners) expect(texts()).toEqual(['a2', 'b1']);
    expect(other.texts()).toEqual(['c1']);
  });

  it('reads thousands of events in parts', async () => {
    const { clock, reads, board, revisions, follow } = setUp();
    const ids = Array.from({ length: 1_200 }, (_, index) => `e${index}`);
    for (const id of ids) revisions[id] = 1;
    const listeners = ids.map((id) => follow(id));
    board.missed();
    await clock.advance(0);
    await settle();
    expect(reads.map(({ ids: some }) => some.length)).toEqual([500, 500, 200]);
    for (const [index, { texts }] of listeners.entries()) expect(texts()).toEqual([`e${index}1`]);
  });

  it('sends fewer states to each where very many listen, and still the newest', async () => {
    const { clock, revisions, follow, change } = setUp();
    const listeners = Array.from({ length: 1_000 }, () => follow('a'));
    for (let ms = 0; ms < 5_000; ms += 10) {
      change('a');
      await clock.advance(10);
    }
    await clock.advance(1_000);
    for (const { texts } of listeners) {
      expect(texts().length).toBeLessThanOrEqual(12);
      expect(texts().length).toBeGreaterThanOrEqual(9);
      expect(texts().at(-1)).toBe(`a${revisions['a']}`);
    }
  });

  it('keeps a change that comes while it is being read', async () => {
    const { clock, setup, reads, follow, change } = setUp();
    setup.isAnsweredAtOnce = false;
    const one = follow('a');
    change('a');
    await clock.advance(0);
    change('a');
    await reads[0]!.answer({ a: 1 });
    await clock.advance(1_000);
    await reads[1]!.answer({ a: 2 });
    expect(one.texts()).toEqual(['a1', 'a2']);
  });

  it('reads again until the database is back, and its listeners stay', async () => {
    const { clock, setup, reads, follow, change } = setUp();
    setup.isAnsweredAtOnce = false;
    const one = follow('a');
    change('a');
    await clock.advance(0);
    for (let time = 0; time < 5; time++) {
      await reads.at(-1)!.fail();
      await clock.advance(1_000);
    }
    expect(one.hasEnded()).toBe(false);
    await reads.at(-1)!.answer({ a: 9 });
    expect(one.texts()).toEqual(['a9']);
    await clock.advance(10_000);
    expect(reads).toHaveLength(6);
  });

  it('ends the streams of an event that is gone, and no others', async () => {
    const { clock, revisions, follow, board } = setUp();
    revisions['b'] = 1;
    const [one, both, other] = [follow('a'), follow('a', 'b'), follow('b')];
    board.changed('a');
    await clock.advance(0);
    expect([one, both, other].map(({ hasEnded }) => hasEnded())).toEqual([true, true, false]);
  });

  it('forgets who leaves', async () => {
    const { clock, reads, board, follow, change } = setUp();
    const one = follow('a');
    const two = follow('a');
    board.leave(one.listener);
    expect(board.size).toBe(1);
    change('a');
    await clock.advance(0);
    expect([one.texts(), two.texts()]).toEqual([[], ['a1']]);
    board.leave(two.listener);
    change('a');
    await clock.advance(1_000);
    expect(reads).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
