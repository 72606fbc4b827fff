import { afterEach, describe, expect, it } from '@jest/globals';
import { runToEnd } from '../support/server-process.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { withoutWalls } from '../support/unsafe.js';

describe('npm run race', () => {
  let running: RunningApp | undefined;
  afterEach(() => running?.close());

  async function race(options: AppOptions, ...args: string[]): ReturnType<typeof runToEnd> {
    running = await startApp(options);
    const script = `${process.cwd()}/scripts/race-test.ts`;
    return runToEnd(process.cwd(), 'node_modules/tsx/dist/cli.mjs', [script, '--url', running.api.url, ...args]);
  }

  it("prints the seed's lines and ends with 0", async () => {
    expect(await race({})).toMatchObject({
      code: 0,
      stderr: '',
      stdout: [
        'Starting race condition test...',
        'Event created: Concert Night (5 tickets)',
        '',
        'Simulating 10 concurrent booking requests...',
        '',
        '✅ Success: 5',
        '❌ Failed: 5',
        '',
        'Test completed. Check the results above.',
        '',
      ].join('\n'),
    });
  });

  it('counts whole bookings where they are of several tickets', async () => {
    const { code, stdout } = await race({}, '--users', '40', '--tickets', '20', '--quantity', '3');
    expect(stdout).toContain('✅ Success: 6\n❌ Failed: 34\n');
    expect(code).toBe(0);
  });

  it('ends with 1 and says what is off, when more is sold than there is (negative control)', async () => {
    const { code, stderr } = await race({ override: withoutWalls }, '--users', '50');
    expect(stderr).toMatch(/^Off: tickets sold: expected 5, found \d+/m);
    expect(code).toBe(1);
  });

  it('refuses a number that is none', async () => {
    expect(await race({}, '--users', 'many')).toMatchObject({ code: 2, stdout: '' });
  });
});
