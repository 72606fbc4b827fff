import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd, Workplace } from '../support/server-process.js';

const SCRIPT = join(process.cwd(), 'scripts/chaos.ts');
const WITHOUT_KEYS = join(process.cwd(), 'test/support/drop-idempotency-key.mjs');

/** That it ends with 0 on the product as it is, is for `.ci/run`. */
describe('npm run chaos', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  const chaos = (args: string[], environment: Record<string, string> = {}) =>
    runToEnd(process.cwd(), 'node_modules/tsx/dist/cli.mjs', [SCRIPT, ...args], environment);

  it('sees the bookings that repetitions make where keys mean nothing (negative control)', async () => {
    const folder = workplace.folder();
    const environment = { TMPDIR: folder, NODE_OPTIONS: `--import ${WITHOUT_KEYS}` };
    const args = ['--quick', '--scenario', 'server kill -9', '--callers', '30'];
    const { code, stdout, stderr } = await chaos(args, environment);

    expect(stderr).toMatch(/^Off: id_changed/m);
    expect(stderr).toMatch(/^Off: doubled_booking/m);
    expect(stdout).toMatch(/^server kill -9 .* \d+ violations$/m);
    expect(code).toBe(1);
    const [kept] = readdirSync(folder).filter((name) => name.startsWith('ticket-booking-chaos-'));
    expect(existsSync(join(folder, kept!, 'history.json'))).toBe(true);
  }, 120_000);

  it.each([[['--kill']], [['--scenario', 'earthquake']], [['--rounds', 'many']], [['--seed', '-1']]])(
    'refuses %j',
    async (args) => {
      const { code, stdout, stderr } = await chaos(args);
      expect(stderr).toContain(args[0]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    },
  );
});
