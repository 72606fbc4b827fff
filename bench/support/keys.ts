import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Contender } from '../contenders/contender.js';
import type { Mongo } from './mongo.js';
import { ROOT } from './processes.js';

const POLL_MS = 2;
const LIMIT_MS = 15_000;

/** A new key of the API on this database, which sells and operates. */
export function createKey(uri: string): string {
  const args = [join(ROOT, 'dist/cli/keys.js'), 'create', '--uri', uri, '--name', 'bench'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, '--scope', 'sell', '--scope', 'operate'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`no key was made: ${stderr}`);
  return stdout.trim();
}

/** Revokes a new key. Returns how long after that was stored the last server refused it, in milliseconds. */
export async function timeRevocation({ client }: Mongo, contender: Contender, redisUrl: string): Promise<number> {
  const { urls, database, uri } = contender;
  const key = createKey(uri);
  const keys = client.db(database).collection('apiKeys');
  const [newest] = await keys.find().sort({ _id: -1 }).limit(1).toArray();
  if (!newest) throw new Error('no key was made');
  const status = async (url: string) => {
    const response = await fetch(`${url}/bookings?limit=1`, { headers: { authorization: `Bearer ${key}` } });
    await response.arrayBuffer();
    return response.status;
  };
  await Promise.all(urls.map((url) => whenTrue(async () => (await status(url)) === 200)));
  const moments = Promise.all([
    whenTrue(async () => (await keys.countDocuments({ _id: newest._id, revokedAt: { $ne: null } })) > 0),
    ...urls.map((url) => whenTrue(async () => (await status(url)) === 401)),
  ]);
  const args = [join(ROOT, 'dist/cli/keys.js'), 'revoke', newest._id.toHexString(), '--uri', uri];
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, REDIS_URL: redisUrl } });
  const [storedAt, ...refusedAt] = await moments;
  return Math.max(0, ...refusedAt.map((at) => at - storedAt));
}

/** The moment at which it was found to be true. */
async function whenTrue(isTrue: () => Promise<boolean>): Promise<number> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error('a server has not heard of a key');
    await sleep(POLL_MS);
  }
  return performance.now();
}
