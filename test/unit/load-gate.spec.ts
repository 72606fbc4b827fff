import { describe, expect, it } from '@jest/globals';
import { LoadGate } from '../../src/platform/overload/load-gate.js';
import { FakeClock } from '../support/fake-clock.js';

const LIMITS = { maxInFlight: 2, maxDelayMs: 50, sustainedMs: 200 };

/** Time in which the event loop does nothing else: no timer comes in time. */
class BusyClock extends FakeClock {
  private lostMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.lostMs;
  }

  /** A turn of the event loop that takes so long. */
  async turn(milliseconds: number): Promise<void> {
    this.lostMs += milliseconds;
    await this.advance(20);
  }
}

describe('the gate', () => {
  it('lets so many in at once', () => {
    const gate = new LoadGate(new FakeClock(), LIMITS);
    expect([gate.enter(), gate.enter(), gate.enter()]).toEqual([undefined, undefined, 'in_flight']);
    gate.leave();
    expect([gate.enter(), gate.enter()]).toEqual([undefined, 'in_flight']);
  });

  it('takes one long turn of the event loop for a burst', async () => {
    const clock = new BusyClock();
    const gate = new LoadGate(clock, LIMITS);
    await clock.turn(199);
    expect(gate.enter()).toBeUndefined();
  });

  it('lets nobody in when the event loop has been late for a while, until it is not', async () => {
    const clock = new BusyClock();
    const gate = new LoadGate(clock, LIMITS);
    for (let turn = 0; turn < 3; turn++) await clock.turn(60);
    expect(gate.enter()).toBe('delay');
    await clock.turn(10);
    expect(gate.enter()).toBeUndefined();
  });

  it('begins to count again after a turn that was short', async () => {
    const clock = new BusyClock();
    const gate = new LoadGate(clock, LIMITS);
    for (let turn = 0; turn < 6; turn++) await clock.turn(turn % 2 === 0 ? 90 : 0);
    expect(gate.enter()).toBeUndefined();
  });

  it('looks no longer once it is stopped', () => {
    const clock = new FakeClock();
    const gate = new LoadGate(clock, LIMITS);
    gate.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});
