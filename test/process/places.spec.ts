import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { untilEnd, Workplace } from '../support/server-process.js';

const PROGRAMS = ['dist/main.js', 'dist/cli/keys.js', 'dist/cli/audit.js'];
const NOBODY = 65_534;

/** Runs each program to its end in `folder`, not as root: root may write everywhere. Returns what they say. */
function runAll(folder: string, environment: Record<string, string> = {}): Promise<string[]> {
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const { MONGO_URI: _, NODE_OPTIONS: __, ...inherited } = process.env;
  const env = { ...inherited, NODE_ENV: 'production', LOG_LEVEL: 'fatal', PORT: '0', ...environment };
  return Promise.all(
    PROGRAMS.map(async (program) => {
      const args = [join(process.cwd(), program), ...(program.endsWith('keys.js') ? ['list'] : [])];
      const end = await untilEnd(
        spawn(process.execPath, args, { cwd: folder, env, ...user, stdio: ['ignore', 'pipe', 'pipe'] }),
      );
      expect({ program, code: end.code, stdout: end.stdout }).toEqual({ program, code: 1, stdout: '' });
      return end.stderr;
    }),
  );
}

describe('server and commands name alike, in one sentence', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  it('a folder that they may not write', async () => {
    const folder = workplace.folder();
    chmodSync(folder, 0o555);
    for (const said of await runAll(folder)) {
      expect(said).toMatch(
        new RegExp(`^The data folder ${folder}/data can not be written by this user \\(EACCES.*\\n$`),
      );
    }
  });

  it('data of another user', async () => {
    const folder = workplace.folder();
    mkdirSync(join(folder, 'data/db'), { recursive: true });
    for (const path of ['data/db', 'data', '']) chmodSync(join(folder, path), 0o555);
    for (const said of await runAll(folder)) expect(said).toMatch(/data can not be written by this user \(EACCES.*\n$/);
    for (const path of ['', 'data', 'data/db']) chmodSync(join(folder, path), 0o755);
  });

  it('a data folder that is a file', async () => {
    const folder = workplace.folder();
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, 'data'), '');
    for (const said of await runAll(folder))
      expect(said).toMatch(/^The data folder .*data can not be made, since .*no folder.*\n$/);
  });

  it('a .env that is a folder, and one that they may not read', async () => {
    const [folder, other] = [workplace.folder(), workplace.folder()];
    for (const open of [folder, other]) chmodSync(open, 0o755);
    mkdirSync(join(folder, '.env'));
    for (const said of await runAll(folder)) expect(said).toMatch(/\.env can not be read \(EISDIR\)/);
    writeFileSync(join(other, '.env'), 'PORT=1\n', { mode: 0o000 });
    for (const said of await runAll(other)) expect(said).toMatch(/\.env can not be read \(EACCES\)/);
  });

  it('a MONGOMS_SYSTEM_BINARY that is no mongod, and do not take another', async () => {
    const folder = workplace.folder();
    chmodSync(folder, 0o777);
    for (const [path, what] of [
      [process.execPath, 'which is no mongod'],
      [folder, 'which does not run \\(EACCES\\)'],
      [join(folder, 'none'), 'which does not run \\(ENOENT\\)'],
    ] as const) {
      for (const said of await runAll(folder, { MONGOMS_SYSTEM_BINARY: path })) {
        expect(said).toMatch(new RegExp(`^MONGOMS_SYSTEM_BINARY is ${path}, ${what}.*\\n$`));
      }
    }
  }, 60_000);

  it('a disk that is full', async () => {
    const folder = workplace.folder();
    chmodSync(folder, 0o777);
    const full = '{"s":"E","msg":"WiredTiger error message","attr":{"error":28,"message":"No space left on device"}}';
    const mongod = join(folder, 'mongod');
    writeFileSync(
      mongod,
      `#!/bin/sh\n[ "$1" = --version ] && echo "db version v6.0.5" && exit\necho '${full}'; exit 14\n`,
    );
    chmodSync(mongod, 0o755);
    const environment = { MONGOMS_SYSTEM_BINARY: mongod };
    for (const program of await runAll(folder, environment)) {
      expect(program).toMatch(/The disk of the data folder .*data is full \(\d+ MB are free\): free space on it\.\n$/);
    }
  });
});

it('a HOST that is no name is named', async () => {
  const workplace = new Workplace();
  const server = await workplace.start(workplace.folder(), {
    HOST: 'no-such-host.invalid',
    AUTH: 'off',
    MONGO_URI: 'mongodb://127.0.0.1:1/',
  });
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(server.output).toMatch(/^HOST no-such-host\.invalid is no address of this machine/m);
  await workplace.clear();
});
