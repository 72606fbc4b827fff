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
  python3: 'apt-get install python3',
  moto_server: 'pip install "moto[server]"',
  'rabbitmq-server': 'apt-get install rabbitmq-server',
  'redis-server': 'apt-get install redis-server',
  schemathesis: 'pip install schemathesis',
};

type Program = keyof typeof PROGRAMS;

/** A test with a program that is installed. Without it, it is skipped with a message; with `CI=true` it fails. */
export function itWith(program: Program, promise: string, test: (path: string) => Promise<void>): void {
  const path = findProgram(program);
  if (path !== undefined) it(promise, () => test(path));
  else withoutProgram(program, promise, () => it.skip(promise, () => undefined));
}

/** Tests with a program that is installed. Without it, they are skipped with a message; with `CI=true` they fail. */
export function describeWith(program: Program, subject: string, tests: (path: string) => void): void {
  const path = findProgram(program);
  if (path !== undefined) describe(subject, () => tests(path));
  else withoutProgram(program, subject, () => describe.skip(subject, () => tests('')));
}

function withoutProgram(program: Program, what: string, skip: () => void): void {
  if (process.env['CI'] === 'true') {
    it(what, () => Promise.reject(new Error(`there is no ${program} here`)));
    return;
  }
  console.warn(`SKIPPED: "${what}" needs ${program} (${PROGRAMS[program]}).`);
  skip();
}
