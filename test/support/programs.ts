import { describe, it } from '@jest/globals';
import { findProgram } from '../../scripts/support/program-folders.js';

const PROGRAMS = {
  openssl: 'apt-get install openssl',
  postgres: 'apt-get install postgresql',
  nginx: 'apt-get install nginx-light',
  'openapi-generator-cli': 'test/clients/install.sh FOLDER, with FOLDER/bin on PATH',
  'openapi-typescript': 'test/clients/install.sh FOLDER, with FOLDER/bin on PATH',
  prometheus: 'apt-get install prometheus',
  promtool: 'apt-get install prometheus',
  'redis-server': 'apt-get install redis-server',
  schemathesis: 'pip install schemathesis',
};

type Program = keyof typeof PROGRAMS;

/** A test with a program that is installed. Without it, it is skipped with a message; with `CI=true` it fails. */
export function itWith(program: Program, promise: string, test: (path: string) => Promise<void>): void {
  const path = find(program, promise);
  if (path === undefined) it.skip(promise, () => undefined);
  else it(promise, () => test(path));
}

/** Tests with a program that is installed. Without it, they are skipped with a message; with `CI=true` they fail. */
export function describeWith(program: Program, subject: string, tests: (path: string) => void): void {
  const path = find(program, subject);
  // Some of them are only known where there is one.
  if (path === undefined) describe.skip(subject, () => tests(''));
  else describe(subject, () => tests(path));
}

/** The path, or what will be missing at that name; undefined where its tests are to be skipped. */
function find(program: Program, what: string): string | undefined {
  const path = findProgram(program);
  if (path !== undefined || process.env['CI'] === 'true') return path ?? program;
  console.warn(`SKIPPED: "${what}" needs ${program} (${PROGRAMS[program]}).`);
  return undefined;
}
