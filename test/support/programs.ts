import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { it } from '@jest/globals';

const PROGRAMS = {
  openssl: 'apt-get install openssl',
  prometheus: 'apt-get install prometheus',
  promtool: 'apt-get install prometheus',
  schemathesis: 'pip install schemathesis',
};

/** A test with a program that is found on PATH. Without it, it is skipped aloud; with `CI=true` it fails. */
export function itWith(program: keyof typeof PROGRAMS, promise: string, test: (path: string) => Promise<void>): void {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(existsSync);
  if (path === undefined && process.env['CI'] !== 'true') {
    console.warn(`SKIPPED: "${promise}" needs ${program} (${PROGRAMS[program]}).`);
    it.skip(promise, () => undefined);
    return;
  }
  const run = () => (path === undefined ? Promise.reject(new Error(`there is no ${program} here`)) : test(path));
  it(promise, run);
}
