import { beforeEach, describe, expect, it } from '@jest/globals';
import { BookingLane, type LaneLimits } from '../../src/bookings/lane/booking-lane.js';
import type { Attempt, Attempted } from '../../src/common/transaction-attempt.js';
import { Problem } from '../../src/common/problem.js';
import { FakeClock, settle } from '../support/fake-clock.js';

const LIMITS = {
  maxWaiting: 8,
  maxWaitingPerEvent: 4,
  maxBatch: 6,
  maxWaitMs: 4_000,
  deadlineMs: 5_000,
  maxUnderWay: 1,
};
/** Longer than an event is left to others, where commits take as long as here. */
const REST_MAX_MS = 50;
const OVERLOADED = { status: 503, code: 'overloaded' };
const UNAVAILABLE = new Problem({ status: 503, code: 'database_unavailable', title: '', message: '' });
const AHEAD = new Problem({ status: 503, code: 'queued_ahead', title: '', message: '' });
const ASIDE_MS = 25;
const UNKNOWN = new Problem({ status: 503, code: 'outcome_unknown', title: '', message: '' });

interface Command {
  readonly eventId: string;
  readonly name: string;
}

/** A transaction under way, that ends when and how the test says. */
interface Commit {
  readonly names: string[];
  readonly attempt: Attempt;
  succeed(): Promise<void>;
  /** As `succeed`, but for these, which wait for something else. */
  postpone(...names: string[]): Promise<void>;
  fail(how?: Partial<Extract<Attempted<never>, { kind: 'failed' }>>): Promise<void>;
  throw(error: Error): Promise<void>;
}

describe('the lane', () => {
  let clock: FakeClock;
  let lane: BookingLane<Command, string>;
  let commits: Commit[];
  let settled: string[];

  beforeEach(() => {
    clock = new FakeClock();
    commits = [];
    settled = [];
    open();
  });

  const open = (limits: Partial<LaneLimits> = {}) => {
    lane = new BookingLane(clock, { ...LIMITS, ...limits }, (commands, attempt) => {
      return new Promise((resolve, reject) => {
        const names = commands.map(({ name }) => name);
        const after = (end: () => void) => {
          end();
          return settle();
        };
        commits.push({
          names,
          attempt,
          succeed: () => after(() => resolve({ kind: 'committed', result: names.map((name) => `${name}!`) })),
          postpone: (...postponed) => {
            const result = names.map((name) => (postponed.includes(name) ? AHEAD : `${name}!`));
            return after(() => resolve({ kind: 'committed', result }));
          },
          fail: (how) => {
            const failed = { kind: 'failed', reason: 'unavailable', commitSent: false, problem: UNAVAILABLE } as const;
            return after(() => resolve({ ...failed, ...how }));
          },
          throw: (error) => after(() => reject(error)),
        });
      });
    });
  };

  /** Submits commands named `event` and a number: a1 and a2 are for the event a. */
  const ask = (...names: string[]) =>
    names.map((name) => {
      const result = lane.submit({ eventId: name[0]!, name }, () => false);
      const note = (how: string) => () => void settled.push(`${name} ${how}`);
      result.then(note('done'), note('failed'));
      return result;
    });
  const submit = (...names: string[]) => void ask(...names);
  const last = () => commits.at(-1)!;
  const batches = () => commits.map(({ names }) => names.join(' '));

  it('commits at once what comes while it is idle', async () => {
    const [result] = ask('a1');
    expect(batches()).toEqual(['a1']);
    await last().succeed();
    expect(await result).toBe('a1!');
    expect(commits).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('begins as many batches as it may, each with what has come together', async () => {
    open({ maxUnderWay: 3 });
    submit('a1', 'a2', 'b1');
    expect(batches()).toEqual(['a1']);
    await clock.advance(1);
    submit('a3');
    submit('b2');
    expect(batches()).toEqual(['a1', 'a2 b1']);
    await clock.advance(1);
    submit('a4');
    await clock.advance(10);
    expect(batches()).toEqual(['a1', 'a2 b1', 'a3 b2']);
    await commits[1]!.succeed();
    await clock.advance(1);
    expect(batches()).toEqual(['a1', 'a2 b1', 'a3 b2', 'a4']);
    for (const each of [3, 2, 0]) await commits[each]!.succeed();
    submit('a5');
    expect(batches().at(-1)).toBe('a5');
    await last().succeed();
    expect([lane.length, clock.pendingTimers]).toEqual([0, 0]);
    expect(settled).toEqual(['a2 done', 'b1 done', 'a4 done', 'a3 done', 'b2 done', 'a1 done', 'a5 done']);
  });

  it('tries what waits for something else again after a while, at its old place, and lets others pass meanwhile', async () => {
    submit('a1', 'a2');
    await last().succeed();
    await last().postpone('a2');
    submit('a3');
    expect(batches()).toEqual(['a1', 'a2', 'a3']);
    submit('a4');
    await clock.advance(ASIDE_MS);
    await last().succeed();
    expect(batches()).toEqual(['a1', 'a2', 'a3', 'a2 a4']);
    await last().succeed();
    expect(settled).toEqual(['a1 done', 'a3 done', 'a2 done', 'a4 done']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('says what something has waited for when its time is over, and counts it among those that wait', async () => {
    const [result] = ask('a1');
    result!.catch(() => undefined);
    await last().postpone('a1');
    expect(lane.length).toBe(1);
    for (let waited = 0; waited < LIMITS.maxWaitMs; waited += ASIDE_MS) {
      await clock.advance(ASIDE_MS);
      if (commits.length > 0 && settled.length === 0) await last().postpone('a1');
    }
    await expect(result).rejects.toBe(AHEAD);
    expect([lane.length, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('sends what waits for something else back to the server that has sent it', async () => {
    const result = lane.submit({ eventId: 'a', name: 'a1' }, () => false, { isErrand: true });
    result.catch(() => undefined);
    await last().postpone('a1');
    await expect(result).rejects.toBe(AHEAD);
    expect(lane.length).toBe(0);
  });

  it('takes what goes first also where many wait for its event', async () => {
    submit('b0');
    submit('a1', 'a2', 'a3', 'a4', 'a5');
    await settle();
    expect(settled).toEqual(['a5 failed']);
    const first = lane.submit({ eventId: 'a', name: 'a6' }, () => false, { goesFirst: true });
    await last().succeed();
    expect(last().names[0]).toBe('a6');
    await last().succeed();
    expect(await first).toBe('a6!');
  });

  it('makes one commit of all that came during the last one, across events, and gives each its own outcome', async () => {
    const results = ask('a1', 'a2', 'b1', 'a3');
    await last().succeed();
    expect(batches()).toEqual(['a1', 'a2 b1 a3']);
    expect(settled).toEqual(['a1 done']);
    await last().succeed();
    expect(await Promise.all(results)).toEqual(['a1!', 'a2!', 'b1!', 'a3!']);
  });

  it('serves each event in the order of arrival, and the events in turn', async () => {
    submit('x1', 'a1', 'a2', 'a3', 'a4', 'b1', 'c1');
    await last().succeed();
    expect(last().names).toEqual(['a1', 'b1', 'c1', 'a2', 'a3', 'a4']);
  });

  it('lets who goes first pass the others of its event, but nobody who goes first', async () => {
    submit('x1', 'a1', 'a2', 'b1');
    for (const name of ['a3', 'a4']) void lane.submit({ eventId: 'a', name }, () => false, { goesFirst: true });
    await last().succeed();
    expect(last().names).toEqual(['a3', 'b1', 'a4', 'a1', 'a2']);
    await last().fail();
    await clock.advance(REST_MAX_MS);
    expect(last().names).toEqual(['a3', 'b1', 'a4', 'a1', 'a2']);
  });

  it('lets who had to stand back go first in the next batch', async () => {
    submit('x1', 'a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1');
    await last().succeed();
    expect(last().names).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    submit('d1');
    await last().succeed();
    expect(last().names).toEqual(['a4', 'd1']);
  });

  it('refuses at once what one event has too many of, and still takes the others', async () => {
    const results = ask('a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'b1');
    await expect(results[5]).rejects.toMatchObject(OVERLOADED);
    await last().succeed();
    expect(last().names).toContain('b1');
    expect(last().names).not.toContain('a5');
  });

  it('refuses at once when too many wait in all, and takes the next when there is room again', async () => {
    const results = ask('x1', 'a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'd1');
    await expect(results[9]).rejects.toMatchObject(OVERLOADED);
    await last().succeed();
    submit('d2');
    await last().succeed();
    expect(last().names).toContain('d2');
  });

  it('turns away who has waited too long, untried, and nobody who came later', async () => {
    const [, tooLong] = ask('a1', 'a2');
    await clock.advance(LIMITS.maxWaitMs - 1);
    submit('a3');
    await clock.advance(1);
    await expect(tooLong).rejects.toMatchObject(OVERLOADED);
    await last().succeed();
    expect(batches()).toEqual(['a1', 'a3']);
  });

  it('never tries what nobody waits for any more', async () => {
    submit('a1');
    let hasDisconnected = false;
    const left = lane.submit({ eventId: 'a', name: 'a2' }, () => hasDisconnected);
    const isLeft = expect(left).rejects.toMatchObject(OVERLOADED);
    submit('a3');
    hasDisconnected = true;
    await last().succeed();
    expect(last().names).toEqual(['a3']);
    await isLeft;
  });

  it('takes the others of an event whose next one has left', async () => {
    submit('x1', 'a1');
    const left = lane.submit({ eventId: 'a', name: 'a2' }, () => true);
    const isLeft = expect(left).rejects.toMatchObject(OVERLOADED);
    submit('b1', 'b2');
    await last().succeed();
    expect(last().names).toEqual(['a1', 'b1', 'b2']);
    await last().succeed();
    await isLeft;
    expect(settled).toEqual(['x1 done', 'a1 done', 'b1 done', 'b2 done']);
  });

  it('goes on with others where the only one of an event that would go alone has left', async () => {
    let hasDisconnected = false;
    const left = lane.submit({ eventId: 'a', name: 'a1' }, () => hasDisconnected);
    const isLeft = expect(left).rejects.toBe(UNAVAILABLE);
    await last().fail({ reason: 'conflict' });
    submit('b1');
    await clock.advance(REST_MAX_MS);
    submit('b2');
    hasDisconnected = true;
    await last().succeed();
    expect(batches()).toEqual(['a1', 'b1', 'b2']);
    await isLeft;
  });

  it('gives a commit the deadline of the member who has to be answered first', async () => {
    submit('a1');
    await clock.advance(100);
    submit('a2');
    await clock.advance(100);
    submit('b1');
    await last().succeed();
    expect(commits.map(({ attempt }) => attempt.deadline)).toEqual([LIMITS.deadlineMs, LIMITS.deadlineMs + 100]);
  });

  it('tries again what has failed, and remembers whether a commit was sent', async () => {
    const [result] = ask('a1');
    await last().fail();
    await clock.advance(100);
    await last().fail({ commitSent: true });
    await clock.advance(100);
    await last().fail();
    await clock.advance(100);
    await last().succeed();
    expect(commits.map(({ attempt: { number, mayHaveCommitted } }) => [number, mayHaveCommitted])).toEqual([
      [1, false],
      [2, false],
      [3, true],
      [4, true],
    ]);
    expect(await result).toBe('a1!');
  });

  it('gives less of a transaction to events that have conflicted, until each goes alone', async () => {
    submit('x1', 'a1', 'b1', 'c1', 'b2');
    await last().succeed();
    await last().fail({ reason: 'conflict' });
    await clock.advance(REST_MAX_MS);
    expect(batches().slice(1)).toEqual(['a1 b1 c1 b2', 'a1 b1 b2']);
    await last().fail({ reason: 'conflict' });
    expect(last().names).toEqual(['c1']);
    await last().succeed();
    await clock.advance(REST_MAX_MS);
    expect(last().names).toEqual(['a1']);
    await last().fail({ reason: 'conflict' });
    expect(last().names).toEqual(['b1', 'b2']);
    await last().succeed();
    await clock.advance(REST_MAX_MS);
    await last().succeed();
    expect(settled).toEqual(['x1 done', 'c1 done', 'b1 done', 'b2 done', 'a1 done']);
  });

  it('leaves an event that goes alone to others for a moment, and goes on with the rest', async () => {
    submit('a1');
    await last().fail({ reason: 'conflict' });
    await clock.advance(REST_MAX_MS);
    await last().succeed();
    submit('a2', 'b1');
    expect(batches()).toEqual(['a1', 'a1', 'b1']);
    await last().succeed();
    submit('b2');
    expect(last().names).toEqual(['b2']);
    await last().succeed();
    await clock.advance(REST_MAX_MS);
    expect(last().names).toEqual(['a2']);
  });

  it('takes events together again when they have won', async () => {
    submit('x1', 'a1', 'b1');
    await last().succeed();
    await last().fail({ reason: 'conflict' });
    for (let round = 0; round < 8; round++) {
      await clock.advance(REST_MAX_MS);
      await last().succeed();
      submit('a2', 'b2');
    }
    await clock.advance(REST_MAX_MS);
    expect(last().names).toEqual(['a2', 'b2']);
  });

  it('lets other events pass what has to be tried again, and takes along who has come for the same event', async () => {
    submit('a1');
    submit('a2', 'b1');
    await last().fail({ reason: 'conflict' });
    expect(last().names).toEqual(['b1']);
    await last().succeed();
    await clock.advance(REST_MAX_MS);
    await last().succeed();
    expect(batches()).toEqual(['a1', 'b1', 'a1 a2']);
  });

  it('has one transaction under way, also while others are to be tried again', async () => {
    submit('a1');
    await last().fail();
    submit('b1');
    await clock.advance(100);
    expect(batches()).toEqual(['a1', 'b1']);
    await last().fail();
    expect(batches()).toEqual(['a1', 'b1', 'a1']);
  });

  it('tells who has left what has become of the last attempt when it is too late for another', async () => {
    const [result] = ask('a1');
    await clock.advance(LIMITS.maxWaitMs - 1);
    await last().fail();
    submit('b1');
    await clock.advance(1);
    await expect(result).rejects.toBe(UNAVAILABLE);
    await last().succeed();
    await clock.advance(1_000);
    expect(batches()).toEqual(['a1', 'b1']);
  });

  it('tells only those who can wait no longer that the database is away', async () => {
    submit('a1');
    const [early] = ask('b1');
    await clock.advance(2_000);
    const [late] = ask('c1');
    await last().succeed();
    const deadline = last().attempt.deadline;
    await clock.advance(deadline - clock.monotonic());
    await last().fail();
    await clock.advance(100);
    await expect(early).rejects.toBe(UNAVAILABLE);
    expect(last().names).toEqual(['c1']);
    await last().succeed();
    expect(await late).toBe('c1!');
  });

  it('tells every member of a commit that its outcome is unknown, and goes on', async () => {
    submit('x1');
    const results = ask('a1', 'b1');
    await last().succeed();
    submit('a2');
    await last().throw(UNKNOWN);
    for (const result of results) await expect(result).rejects.toBe(UNKNOWN);
    expect(last().names).toEqual(['a2']);
  });

  it('finds the one command that can not be carried out, and spares its neighbours', async () => {
    submit('x1');
    const results = ask('a1', 'a2', 'a3', 'b1');
    await last().succeed();
    const broken = new Error('broken');
    for (let next = 1; next < commits.length; next++) {
      const commit = commits[next]!;
      if (commit.names.includes('a2')) await commit.throw(broken);
      else await commit.succeed();
    }
    await expect(results[1]).rejects.toBe(broken);
    expect(await Promise.all([results[0], results[2], results[3]])).toEqual(['a1!', 'a3!', 'b1!']);
  });

  describe('that has to find who can not be carried out', () => {
    const broken = new Error('broken');
    /** A commit of these, which one of them is to blame for; `c1` comes meanwhile. */
    const breakCommitOf = async (...names: string[]) => {
      submit('x1', ...names);
      await last().succeed();
      expect(last().names).toEqual(names);
      submit('c1');
      await last().throw(broken);
    };

    it('takes one half after the other, whoever has come meanwhile', async () => {
      await breakCommitOf('a1', 'b1');
      await last().succeed();
      await last().throw(broken);
      expect(batches()).toEqual(['x1', 'a1 b1', 'a1', 'b1', 'c1']);
      expect(settled).toEqual(['x1 done', 'a1 done', 'b1 failed']);
    });

    it('takes the second half also after the first could not be carried out', async () => {
      await breakCommitOf('a1', 'b1');
      await last().throw(broken);
      await last().succeed();
      expect(batches()).toEqual(['x1', 'a1 b1', 'a1', 'b1', 'c1']);
      expect(settled).toEqual(['x1 done', 'a1 failed', 'b1 done']);
    });

    it('lets all the rest wait again while a part of the first half has to', async () => {
      await breakCommitOf('a1', 'b1', 'd1', 'e1');
      expect(last().names).toEqual(['a1', 'b1']);
      await last().throw(broken);
      expect(last().names).toEqual(['a1']);
      await last().fail();
      expect(last().names).toEqual(['c1', 'b1', 'd1', 'e1']);
      await last().succeed();
      await clock.advance(100);
      expect(last().names).toEqual(['a1']);
    });

    it('tries nobody any more when it is too late for that', async () => {
      submit('x1');
      const results = ask('a1', 'b1');
      await last().succeed();
      await clock.advance(LIMITS.maxWaitMs);
      await last().throw(broken);
      expect(batches()).toEqual(['x1', 'a1 b1']);
      for (const result of results) await expect(result).rejects.toMatchObject(OVERLOADED);
    });
  });

  it('says of an attempt what is true of any of its members', async () => {
    submit('a1', 'a2');
    await last().fail({ commitSent: true });
    await clock.advance(100);
    expect(last().names).toEqual(['a1', 'a2']);
    expect(last().attempt).toMatchObject({ number: 2, mayHaveCommitted: true });
  });

  it('tells who has just no time left, once the attempt has failed', async () => {
    const [result] = ask('a1');
    await clock.advance(LIMITS.maxWaitMs);
    await last().fail();
    await expect(result).rejects.toBe(UNAVAILABLE);
    expect(lane.length).toBe(0);
  });

  it('says how many wait, and for how long the first of them has', async () => {
    expect([lane.length, lane.oldestMs]).toEqual([0, 0]);
    submit('x1');
    await clock.advance(100);
    expect([lane.length, lane.oldestMs]).toEqual([0, 0]);
    submit('a1');
    await clock.advance(200);
    submit('a2', 'b1');
    await clock.advance(50);
    expect([lane.length, lane.oldestMs]).toEqual([3, 250]);
    await last().succeed();
    expect([lane.length, lane.oldestMs]).toEqual([0, 0]);
  });

  it('leaves no timer and remembers no event when all is done', async () => {
    submit('a1', 'a2', 'b1');
    await clock.advance(LIMITS.maxWaitMs);
    await last().succeed();
    await clock.advance(LIMITS.deadlineMs);
    const { resting } = lane as unknown as { readonly resting: ReadonlySet<string> };
    expect([clock.pendingTimers, lane.length, resting.size]).toEqual([0, 0, 0]);
    expect(settled.sort()).toEqual(['a1 done', 'a2 failed', 'b1 failed']);
  });
});
