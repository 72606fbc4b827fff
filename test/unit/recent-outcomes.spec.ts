import { describe, expect, it } from '@jest/globals';
import { RecentOutcomes } from '../../src/bookings/recent-outcomes.js';
import { BookingLane } from '../../src/bookings/lane/booking-lane.js';
import { Latencies } from '../../src/common/latencies.js';
import { Recent, RECENT_SECONDS } from '../../src/common/recent.js';
import { FakeClock } from '../support/fake-clock.js';

describe('Recent', () => {
  it('keeps one value for each of the last whole seconds, and nothing older', async () => {
    const clock = new FakeClock();
    const recent = new Recent(clock, () => ({ count: 0 }));
    for (let second = 1; second <= 8; second++) {
      recent.current.count += second;
      recent.current.count += second;
      expect(recent.whole()).not.toContainEqual({ count: 2 * second });
      await clock.advance(1_000);
    }
    expect(recent.whole()).toEqual([4, 5, 6, 7, 8].map((second) => ({ count: 2 * second })));
    await clock.advance((RECENT_SECONDS - 1) * 1_000);
    expect(recent.whole()).toEqual([{ count: 16 }]);
    await clock.advance(1_000);
    expect(recent.whole()).toEqual([]);
  });
});

describe('Latencies', () => {
  it('gives quantiles to within a tenth', () => {
    const latencies = new Latencies();
    expect(latencies.quantile(0.5)).toBeUndefined();
    for (let ms = 1; ms <= 1_000; ms++) latencies.add(ms);
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      const exact = 1_000 * share;
      expect(latencies.quantile(share)).toBeGreaterThanOrEqual(exact);
      expect(latencies.quantile(share)).toBeLessThanOrEqual(Math.ceil(exact * 1.1));
    }
  });

  it('adds up', () => {
    const [one, other] = [new Latencies(), new Latencies()];
    one.add(10);
    for (let count = 0; count < 99; count++) other.add(100);
    one.addAll(other);
    expect(one.quantile(0.01)).toBeLessThanOrEqual(11);
    expect(one.quantile(0.02)).toBeGreaterThanOrEqual(100);
  });
});

describe('RecentOutcomes', () => {
  it('names the busiest events, and counts all of them', async () => {
    const clock = new FakeClock();
    const outcomes = new RecentOutcomes(clock);
    for (let event = 1; event <= 5; event++) {
      for (let time = 0; time < event; time++) outcomes.add(`event ${event}`, 'book', 'done', event);
      await clock.advance(500);
    }
    outcomes.add('event 1', 'hold', 'sold_out', 1);
    await clock.advance(1_000);
    const { all, events } = outcomes.read(2);
    expect([...events.keys()]).toEqual(['event 5', 'event 4']);
    expect(all.outcomes).toEqual([
      { command: 'book', code: 'done', count: 15 },
      { command: 'hold', code: 'sold_out', count: 1 },
    ]);
    expect(outcomes.read(2, 'event 1').events.get('event 1')?.outcomes).toEqual([
      { command: 'book', code: 'done', count: 1 },
      { command: 'hold', code: 'sold_out', count: 1 },
    ]);
  });

  it('says what waits, also of an event that has no answer yet', async () => {
    const clock = new FakeClock();
    const outcomes = new RecentOutcomes(clock);
    expect(outcomes.laneOf()).toEqual({ waiting: 0, oldestWaitMs: 0 });
    const limits = { maxWaiting: 9, maxWaitingPerEvent: 9, maxBatch: 1, maxWaitMs: 4_000, deadlineMs: 5_000 };
    const lane = new BookingLane<{ eventId: string }, never>(
      clock,
      { ...limits, maxUnderWay: 1 },
      () => new Promise(() => undefined),
    );
    outcomes.watch(lane);
    for (const eventId of ['under way', 'a', 'a', 'b']) {
      void lane.submit({ eventId }, () => false).catch(() => undefined);
      await clock.advance(100);
    }
    expect(outcomes.laneOf()).toEqual({ waiting: 3, oldestWaitMs: 300 });
    expect(outcomes.laneOf('a')).toEqual({ waiting: 2, oldestWaitMs: 300 });
    expect(outcomes.laneOf('b')).toEqual({ waiting: 1, oldestWaitMs: 100 });
    expect([...outcomes.read(9).events.keys()]).toEqual(['a', 'b']);
  });
});
