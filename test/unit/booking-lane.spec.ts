import { beforeEach, describe, expect, it } from '@jest/globals';
import { BookingLane } from '../../src/bookings/booking-lane.js';
import { FakeClock, settle } from '../support/fake-clock.js';

const LIMITS = { maxWaiting: 3, maxWaitMs: 4_000, deadlineMs: 5_000 };
const OVERLOADED = { status: 503, code: 'overloaded' };

/** Work that says when it starts, and ends when it is told to. */
class Work {
  static readonly started: string[] = [];
  deadline: number | undefined;
  finish!: () => void;
  fail!: (error: Error) => void;

  constructor(private readonly name: string) {}

  readonly run = (deadline: number): Promise<string> => {
    Work.started.push(this.name);
    this.deadline = deadline;
    return new Promise((resolve, reject) => {
      this.finish = () => resolve(this.name);
      this.fail = reject;
    });
  };
}

describe('the lane', () => {
  let clock: FakeClock;
  let lane: BookingLane;
  beforeEach(() => {
    clock = new FakeClock();
    lane = new BookingLane(clock, LIMITS);
    Work.started.length = 0;
  });

  const queue = (...names: string[]) => {
    const works = names.map((name) => new Work(name));
    const results = works.map((work) => lane.run('event', work.run));
    for (const result of results) result.catch(() => undefined);
    return { works, results };
  };
  /** What nobody but its own map knows: how many events it remembers. */
  const remembered = () => (lane as unknown as { queues: Map<string, unknown> }).queues.size;

  it('starts one at a time, in the order of arrival, and returns to each its own result', async () => {
    const { works, results } = queue('first', 'second', 'third');
    for (const [index, { name }] of [{ name: 'first' }, { name: 'second' }, { name: 'third' }].entries()) {
      await settle();
      expect(Work.started.at(-1)).toBe(name);
      expect(Work.started).toHaveLength(index + 1);
      works[index]!.finish();
    }
    expect(await Promise.all(results)).toEqual(['first', 'second', 'third']);
  });

  it('lets events go on beside each other', async () => {
    const [one, other] = [new Work('one'), new Work('other')];
    const results = [lane.run('event', one.run), lane.run('another event', other.run)];
    await settle();
    expect(Work.started).toEqual(['one', 'other']);
    other.finish();
    one.finish();
    await Promise.all(results);
  });

  it('refuses at once when the queue is full, and takes the next when there is room again', async () => {
    const { works, results } = queue('running', 'waits', 'waits', 'waits');
    await settle();
    const tooMany = new Work('too many');
    await expect(lane.run('event', tooMany.run)).rejects.toMatchObject(OVERLOADED);

    works[0]!.finish();
    await results[0];
    const late = new Work('late');
    const lateResult = lane.run('event', late.run);
    for (const work of [...works.slice(1), late]) {
      await settle();
      work.finish();
    }
    expect(await lateResult).toBe('late');
    expect(Work.started).not.toContain('too many');
  });

  it('turns away who has waited too long without starting its work, and starts the one behind it', async () => {
    const { works, results } = queue('running', 'waits too long');
    await clock.advance(LIMITS.maxWaitMs - 1);
    const last = new Work('came later');
    const lastResult = lane.run('event', last.run);
    await clock.advance(1);

    await expect(results[1]).rejects.toMatchObject(OVERLOADED);
    works[0]!.finish();
    await settle();
    expect(Work.started).toEqual(['running', 'came later']);
    last.finish();
    expect(await lastResult).toBe('came later');
  });

  it('does not turn away who has been started in time', async () => {
    const { works, results } = queue('running', 'waited');
    await clock.advance(LIMITS.maxWaitMs - 1);
    works[0]!.finish();
    await settle();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(LIMITS.maxWaitMs);
    works[1]!.finish();
    expect(await results[1]).toBe('waited');
  });

  it('gives each work the deadline that counts from its arrival, not from its start', async () => {
    const { works } = queue('running', 'waited');
    await clock.advance(1_000);
    works[0]!.finish();
    await settle();
    expect(works.map(({ deadline }) => deadline)).toEqual([LIMITS.deadlineMs, LIMITS.deadlineMs]);
  });

  it('goes on after work that fails, and tells only its own caller', async () => {
    const { works, results } = queue('fails', 'next');
    await settle();
    works[0]!.fail(new Error('broken'));
    await expect(results[0]).rejects.toThrow('broken');
    await settle();
    works[1]!.finish();
    expect(await results[1]).toBe('next');
  });

  it('goes on after work that throws before it returns a promise', async () => {
    const thrown = lane.run('event', () => {
      throw new Error('broken');
    });
    const { works, results } = queue('next');
    await expect(thrown).rejects.toThrow('broken');
    await settle();
    works[0]!.finish();
    expect(await results[0]).toBe('next');
  });

  it('remembers no event and leaves no timer when all is done', async () => {
    const { works, results } = queue('done', 'turned away', 'turned away');
    await clock.advance(LIMITS.maxWaitMs);
    await Promise.allSettled(results.slice(1));
    expect(remembered()).toBe(1);
    works[0]!.finish();
    await results[0];
    expect(remembered()).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
