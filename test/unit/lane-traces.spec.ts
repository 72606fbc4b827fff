import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Command, Outcome } from '../../src/bookings/decide/command.js';
import { BookingLane, type Commit, type LaneLimits } from '../../src/bookings/lane/booking-lane.js';
import type { Errand, Owner } from '../../src/bookings/lane/errand.js';
import { traceErrands } from '../../src/bookings/traces/errand-traces.js';
import { LaneTraces } from '../../src/bookings/traces/lane-traces.js';
import { overloaded } from '../../src/common/overloaded.js';
import { SystemClock } from '../../src/common/clock.js';
import { databaseUnavailable, outcomeUnknown } from '../../src/platform/database/index.js';
import { NoTracing, type Tracing } from '../../src/platform/tracing/index.js';
import { RecordedTraces } from '../support/recorded-traces.js';

const LIMITS: LaneLimits = {
  maxWaiting: 100,
  maxWaitingPerEvent: 100,
  maxBatch: 50,
  maxWaitMs: 60_000,
  deadlineMs: 60_000,
  maxUnderWay: 1,
};
const DONE: Outcome = { kind: 'done', result: null, isReplay: false };
const CONFLICT = {
  kind: 'failed',
  reason: 'conflict',
  commitSent: false,
  problem: databaseUnavailable(),
} as const;

const sampled = (eventId = 'event'): Command => ({ kind: 'book', eventId, trace: { traceparent: 'the request' } });
const unsampled = (): Command => ({ kind: 'book', eventId: 'event' });
const committed = (commands: readonly Command[], answer: Outcome | undefined = DONE) =>
  Promise.resolve({ kind: 'committed' as const, result: commands.map(() => answer) });

/** A lane that is traced, whose attempts end one after the other as `attempts` say; those that follow commit. */
function open(tracing: Tracing, ...attempts: Commit<Command, Outcome>[]) {
  const traces = new LaneTraces(tracing);
  const lane = new BookingLane<Command, Outcome>(new SystemClock(), LIMITS, (commands, attempt) =>
    traces.ofAttempt(commands, attempt, () => (attempts.shift() ?? ((all) => committed(all)))(commands, attempt)),
  );
  const traced = traces.around(lane);
  return (command: Command, isErrand = false) => traced.submit(command, () => false, { isErrand });
}

describe('the traces of a lane', () => {
  let traces: RecordedTraces;
  beforeEach(() => {
    traces = new RecordedTraces();
  });
  afterEach(() => {
    // A span that is never ended is never sent.
    expect(traces.spans.filter(({ ends }) => ends !== 1)).toEqual([]);
  });

  it('have each wait and each attempt of a command, all below it', async () => {
    const undecided: Commit<Command, Outcome> = (commands) =>
      Promise.resolve({ kind: 'committed', result: commands.map(() => undefined) });
    const submit = open(traces, () => Promise.resolve(CONFLICT), undecided);
    expect(await submit(sampled())).toBe(DONE);
    const attempts = ['conflict', 'committed', 'committed'];
    expect(traces.story()).toEqual([
      'command book',
      ...attempts.flatMap((result) => ['wait', `transaction, ${result}`, `batch, ${result}`]),
    ]);
    const [command] = traces.find('command book');
    expect(command).toMatchObject({ parent: 'the request', kind: 'internal' });
    for (const { parent } of [...traces.find('wait'), ...traces.find('transaction')]) {
      expect(parent).toBe(command!.traceparent);
    }
    const numbers = traces
      .find('transaction')
      .map(({ attributes }) => attributes['ticket_booking.transaction.attempt']);
    expect(numbers).toEqual([1, 2, 2]);
  });

  it('link a batch with its sampled members, both ways', async () => {
    const submit = open(traces);
    // The first one is a batch by itself, while the others wait.
    await Promise.all([unsampled(), unsampled(), sampled('one'), sampled('other')].map((command) => submit(command)));
    const [batch, ...more] = traces.find('batch');
    expect(more).toEqual([]);
    expect(batch).toMatchObject({
      parent: undefined,
      attributes: { 'ticket_booking.transaction.commands': 3, 'ticket_booking.transaction.events': 3 },
    });
    const members = traces.find('transaction');
    expect(members.map(({ traceparent }) => traceparent)).toEqual(batch!.links);
    expect(members.map(({ links }) => links)).toEqual([[batch!.traceparent], [batch!.traceparent]]);
  });

  it('are empty where nothing is sampled', async () => {
    const submit = open(traces);
    await Promise.all([submit(unsampled()), submit(unsampled())]);
    expect(traces.spans).toEqual([]);
  });

  it('tell a refusal from a failure', async () => {
    const refused: Outcome = { kind: 'refused', problem: { status: 409, code: 'no', title: '', message: '' } };
    await open(traces, (commands) => committed(commands, refused))(sampled());
    expect(traces.story()).toEqual(['command book, no', 'wait', 'transaction, committed', 'batch, committed']);
    for (const [problem, code] of [
      [outcomeUnknown(), 'outcome_unknown'],
      [overloaded(), 'overloaded'],
      [new Error('a fault'), 'internal_error'],
    ] as const) {
      traces.spans.length = 0;
      await expect(open(traces, () => Promise.reject(problem))(sampled())).rejects.toBe(problem);
      expect(traces.story()[0]).toBe(`command book, ${code}, failed: ${code}`);
      expect(traces.story()).toContain('transaction, error, failed: error');
    }
  });

  it('have a command of another server as one that is served', async () => {
    await open(traces)(sampled(), true);
    expect(traces.find('command book')).toMatchObject([{ parent: 'the request', kind: 'server' }]);
  });

  it('change nothing where another server samples, and this one traces nothing', async () => {
    expect(await open(new NoTracing())(sampled(), true)).toBe(DONE);
  });
});

describe('the traces of errands', () => {
  const send = async (reports: Awaited<ReturnType<Owner['carryOut']>>, ...commands: Command[]) => {
    const traces = new RecordedTraces();
    let sent: Errand | undefined;
    const carryOut: Owner['carryOut'] = (errand) => {
      sent = errand;
      return Promise.resolve(reports);
    };
    const answer = await traceErrands({ id: 'owner', carryOut }, traces).carryOut({ commands, expiresAt: 5 }, 1);
    expect(answer).toBe(reports);
    expect(traces.spans.every(({ ends }) => ends === 1)).toBe(true);
    return { spans: traces.spans, sent: sent!.commands };
  };

  it('go on at the owner, below the span of the errand', async () => {
    const plain = unsampled();
    const { spans, sent } = await send([{ kind: 'outcome', outcome: DONE }, { kind: 'returned' }], sampled(), plain);
    expect(spans).toMatchObject([{ name: 'errand book', parent: 'the request', kind: 'client', error: undefined }]);
    expect(spans[0]!.attributes['ticket_booking.errand.report']).toBe('outcome');
    expect(sent[0]).toEqual({ ...sampled(), trace: { traceparent: spans[0]!.traceparent } });
    expect(sent[1]).toBe(plain);
  });

  it.each(['undelivered', 'unanswered'] as const)('fail where the owner is silent: %s', async (silence) => {
    const { spans } = await send(silence, sampled());
    expect(spans).toMatchObject([{ error: silence, attributes: { 'ticket_booking.errand.report': silence } }]);
  });
});
