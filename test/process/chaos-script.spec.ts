import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd, Workplace } from '../support/server-process.js';

const SCRIPT = join(process.cwd(), 'scripts/chaos.ts');
const WITHOUT_KEYS = join(process.cwd(), 'test/support/drop-idempotency-key.mjs');

const SEEN = [/^Off: id_changed/m, /^Off: doubled_booking/m];
const TRIES_MAX = 3;

/** That it ends with 0 on the product as it is, is for `.ci/run`. */
describe('npm run chaos', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  const chaos = (args: string[], environment: Record<string, string> = {}) =>
    runToEnd(process.cwd(), 'node_modules/tsx/dist/cli.mjs', [SCRIPT, ...args], environment);

  it('sees the bookings that repetitions make where keys mean nothing (negative control)', async () => {
    const args = ['--quick', '--scenario', 'server kill -9', '--callers', '30'];
    const runOnce = async () => {
      const folder = workplace.folder();
      return { folder, ...(await chaos(args, { TMPDIR: folder, NODE_OPTIONS: `--import ${WITHOUT_KEYS}` })) };
    };
    // Whether a repetition follows a booking that was made is up to the moment of the kill.
    let run = await runOnce();
    for (let tries = 1; tries < TRIES_MAX && !SEEN.every((seen) => seen.test(run.stderr)); tries++)
      run = await runOnce();

    for (const seen of SEEN) expect(run.stderr).toMatch(seen);
    expect(run.stdout).toMatch(/^server kill -9 .* \d+ violations$/m);
    expect(run.code).toBe(1);
    const kept = readdirSync(run.folder).find((name) => name.startsWith('ticket-booking-chaos-'));
    expect(existsSync(join(run.folder, kept!, 'history.json'))).toBe(true);
  });

  it.each([[['--kill']], [['--scenario', 'earthquake']], [['--rounds', 'many']], [['--seed', '-1']]])(
    'refuses %j',
    async (args) => {
      const { code, stdout, stderr } = await chaos(args);
      expect(stderr).toContain(args[0]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    },
  );
});
