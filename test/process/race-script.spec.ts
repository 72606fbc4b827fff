import { afterEach, describe, expect, it } from '@jest/globals';
import { ApiKeysService } from '../../src/platform/auth/index.js';
import { runToEnd } from '../support/server-process.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';
import { withoutWalls } from '../support/unsafe.js';

describe('npm run race', () => {
  let running: RunningApp | undefined;
  afterEach(() => running?.close());

  async function race(options: AppOptions, ...args: string[]): ReturnType<typeof runToEnd> {
    running = await startApp(options);
    return raceOn(running, args);
  }

  function raceOn({ api }: RunningApp, args: readonly string[], environment = {}): ReturnType<typeof runToEnd> {
    const program = [`${process.cwd()}/scripts/race-test.ts`, '--url', api.url, ...args];
    return runToEnd(process.cwd(), 'node_modules/tsx/dist/cli.mjs', program, { CI: 'true', ...environment });
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

  it('shows API_KEY to a server that asks for one', async () => {
    running = await startApp();
    const { token } = await running.app.get(ApiKeysService).create('race', ['sell', 'operate']);
    const { code, stdout } = await raceOn(running, [], { API_KEY: token });
    expect(stdout).toContain('✅ Success: 5\n❌ Failed: 5\n');
    expect(code).toBe(0);
    const without = await raceOn(running, []);
    expect(without.stderr).toContain('"code":"unauthorized"');
    expect(without.code).toBe(1);
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
