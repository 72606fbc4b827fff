import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { it } from '@jest/globals';
import { programFolders } from '../../scripts/support/program-folders.js';

const PROGRAMS = {
  openssl: 'apt-get install openssl',
  postgres: 'apt-get install postgresql',
  'openapi-generator-cli': 'test/clients/install.sh FOLDER, with FOLDER/bin on PATH',
  'openapi-typescript': 'test/clients/install.sh FOLDER, with FOLDER/bin on PATH',
  prometheus: 'apt-get install prometheus',
  promtool: 'apt-get install prometheus',
  schemathesis: 'pip install schemathesis',
};

/** A test with a program that is installed. Without it, it is skipped with a message; with `CI=true` it fails. */
export function itWith(program: keyof typeof PROGRAMS, promise: string, test: (path: string) => Promise<void>): void {
  const path = programFolders()
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
