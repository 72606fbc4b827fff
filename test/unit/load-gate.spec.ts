import { describe, expect, it } from '@jest/globals';
import { LoadGate } from '../../src/platform/overload/load-gate.js';
import { FakeClock } from '../support/fake-clock.js';

const LIMITS = {
  maxInFlight: 6,
  maxInFlightOverloaded: 2,
  maxDelayMs: 100,
  crowdDelayMs: 10,
  crowd: 5,
  windowMs: 200,
};

/** Time in which the event loop does nothing else: no timer comes in time. */
class BusyClock extends FakeClock {
  private lostMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.lostMs;
  }

  /** Turns of the event loop, each so late, until so much time has passed. */
  async turns(delayMs: number, forMs: number): Promise<void> {
    for (const end = this.monotonic() + forMs; this.monotonic() < end;) {
      this.lostMs += delayMs;
      await this.advance(20);
    }
  }
}

function enter(gate: LoadGate, times: number): (string | undefined)[] {
  return Array.from({ length: times }, () => {
    const refusal = gate.refusal();
    if (refusal === undefined) gate.enter();
    return refusal;
  });
}

const IN = undefined;

describe('the gate', () => {
  it('lets so many in at once', () => {
    const gate = new LoadGate(new FakeClock(), LIMITS);
    expect(enter(gate, 7)).toEqual([IN, IN, IN, IN, IN, IN, 'in_flight']);
    gate.leave();
    expect(enter(gate, 2)).toEqual([IN, 'in_flight']);
  });

  it('takes one long turn of the event loop for a burst', async () => {
    const clock = new BusyClock();
    const gate = new LoadGate(clock, LIMITS);
    await clock.turns(450, 1);
    await clock.turns(0, 400);
    expect(enter(gate, 6)).toEqual([IN, IN, IN, IN, IN, IN]);
  });

  it('lets few in when the event loop is late, until it is not', async () => {
    const clock = new BusyClock();
    const gate = new LoadGate(clock, LIMITS);
    await clock.turns(101, 1_300);
    expect(enter(gate, 3)).toEqual([IN, IN, 'delay']);
    gate.leave();
    expect(enter(gate, 2)).toEqual([IN, 'delay']);
    await clock.turns(0, 600);
    expect(enter(gate, 5)).toEqual([IN, IN, IN, IN, 'in_flight']);
  });

  it('lets few in when the event loop is somewhat late and many are under way', async () => {
    const clock = new BusyClock();
    const gate = new LoadGate(clock, LIMITS);
    enter(gate, 4);
    await clock.turns(11, 400);
    expect(enter(gate, 1)).toEqual([IN]);
    await clock.turns(11, 400);
    expect(gate.refusal()).toBe('delay');
  });

  it('lets a crowd in while the event loop is in time, however long the crowd waits', async () => {
    const clock = new BusyClock();
    const gate = new LoadGate(clock, LIMITS);
    enter(gate, 5);
    await clock.turns(9, 4_000);
    expect(gate.refusal()).toBe(IN);
  });

  it('lets few in for as long as somebody is refused', async () => {
    const clock = new BusyClock();
    const gate = new LoadGate(clock, LIMITS);
    enter(gate, 7);
    for (let window = 0; window < 3; window++) {
      await clock.turns(0, 210);
      expect(gate.refusal()).toBe('delay');
    }
    for (let left = 0; left < 6; left++) gate.leave();
    await clock.turns(0, 420);
    expect(enter(gate, 3)).toEqual([IN, IN, IN]);
  });

  it('looks no longer once it is stopped', () => {
    const clock = new FakeClock();
    const gate = new LoadGate(clock, LIMITS);
    gate.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});
