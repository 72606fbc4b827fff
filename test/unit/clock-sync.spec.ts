import { describe, expect, it } from '@jest/globals';
import type { Connection } from 'mongoose';
import { Registry } from 'prom-client';
import type { Instant } from '../../src/common/clock.js';
import { ClockSync } from '../../src/platform/database/clock-sync.js';
import { DatabaseMetrics } from '../../src/platform/database/database.metrics.js';
import { FakeClock, START } from '../support/fake-clock.js';

const SLOW_MS = 200;
const MINUTE_MS = 60_000;

class FollowingClock extends FakeClock {
  /** By how much the clock that is followed is ahead of this one. */
  aheadMs = NaN;

  override follow(instant?: Instant, at?: number): void {
    this.aheadMs = instant! - at! - START;
  }
}

/** A server, and primaries whose clocks are ahead of its own. */
class Setting {
  readonly clock = new FollowingClock();
  private readonly sync: ClockSync;
  private hello = { me: '', aheadMs: 0, tripMs: 0 };

  constructor() {
    const command = async () => {
      const { me, aheadMs, tripMs } = this.hello;
      await this.clock.advance(tripMs / 2);
      const localTime = new Date(this.clock.now().getTime() + aheadMs);
      await this.clock.advance(tripMs / 2);
      return { me, localTime };
    };
    const connection = { db: { command } } as unknown as Connection;
    const metrics = new DatabaseMetrics(new Registry(), connection, this.clock);
    this.sync = new ClockSync(connection, { warn: () => undefined } as never, this.clock, metrics);
  }

  /** Measures, and returns by how much the clock that is followed since is ahead. */
  async measure(me: string, aheadMs: number, tripMs: number): Promise<number> {
    this.hello = { me, aheadMs, tripMs };
    await this.sync.measure();
    return this.clock.aheadMs;
  }
}

describe('the clock of the primary', () => {
  it('is followed as it was measured best, until that has become too old', async () => {
    const setting = new Setting();
    expect(await setting.measure('a', 1_000, 2)).toBe(1_000);
    expect(await setting.measure('a', 1_070, SLOW_MS)).toBe(1_000);
    expect(await setting.measure('a', 1_001, 2)).toBe(1_001);
    await setting.clock.advance(10 * MINUTE_MS);
    expect(await setting.measure('a', 1_070, SLOW_MS)).toBe(1_070);
  });

  it('is measured anew when there is another primary: what was known of the old one says nothing', async () => {
    const setting = new Setting();
    await setting.measure('a', 1_000, 2);
    expect(await setting.measure('b', 3_000, SLOW_MS)).toBe(3_000);
    expect(await setting.measure('b', 3_070, 2 * SLOW_MS)).toBe(3_000);
  });
});
