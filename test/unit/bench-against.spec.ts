import { describe, expect, it } from '@jest/globals';
import { toMarkdown } from '../../bench/against/report.js';
import type { HotSample, Round } from '../../bench/against/round.js';
import { HOT_CASE_NAMES, readOptions } from '../../bench/options.js';
import { cpuTime } from '../../bench/support/cpu-time.js';
import { findCommit } from '../../bench/support/git.js';

const TICK_MICROS = 10_000;

describe('bench --against', () => {
  it('measures the hot cases, or one of them', () => {
    expect(readOptions(['--against', 'main'])).toMatchObject({ against: 'main', hotCases: HOT_CASE_NAMES });
    expect(readOptions(['--against', 'main', '--case', '500-events']).hotCases).toEqual(['500-events']);
    expect(() => readOptions(['--against', 'main', '--case', 'shop'])).toThrow('--against does not measure "shop"');
  });

  it.each(['no-such-commit', '--all', ''])('refuses what names no commit: "%s"', (name) => {
    expect(() => findCommit(name)).toThrow('names none');
  });

  it('compares pair by pair, whichever build came first', () => {
    const [other, current] = [
      { label: 'abc1234', root: '/other' },
      { label: 'this build', root: '/this' },
    ];
    const round = (build: typeof other, rate: number, others = {}): Round => {
      const figures = { rate, p50: 1, p99: 2, stalls: 0, others };
      const sample: HotSample = { ...figures, serverMicros: 1_000_000 / rate, mongodMicros: 50 };
      return { build, mongodb: '6.0.5', samples: new Map([['one-event-100', sample]]) };
    };
    const rounds = [
      ...[round(other, 100), round(current, 150), round(current, 300), round(other, 200, { '503': 4 })],
      ...[round(other, 400), round(current, 400)],
    ];
    const lines = toMarkdown(rounds, [other, current], ['one-event-100'], ['Date: today']).split('\n');
    const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()));
    expect(lines).toContain('- abc1234, one-event-100: not as expected: 4 × 503');
    expect(cells).toContainEqual(['', 'one-event-100', 'bookings a second', '200', '300', '1.50 (1.00–1.50)', '']);
    expect(cells).toContainEqual([
      '',
      '',
      'CPU µs of the server for a booking',
      '5,000',
      '3,333',
      '0.67 (0.67–1.00)',
      '',
    ]);
  });
});

describe('the CPU time of a process', () => {
  const itOnLinux = process.platform === 'linux' ? it : it.skip;

  itOnLinux('is what the process itself says, to a tick', () => {
    const spent = () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    };
    const before = spent();
    const measured = cpuTime(process.pid);
    expect(measured).toBeGreaterThanOrEqual(before - 2 * TICK_MICROS);
    expect(measured).toBeLessThanOrEqual(spent() + 2 * TICK_MICROS);
  });

  it('is not known of a process that is not there', () => {
    expect(cpuTime(undefined)).toBeNaN();
  });
});
