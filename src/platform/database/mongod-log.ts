import { open, statfs } from 'node:fs/promises';

/** What is read of the end of the log: it is as long as the server has run. */
const TAIL_BYTES = 256 * 1024;
/** MongoDB makes files of 100 MB for its journal. Where those do not fit, its log often does not either. */
const LEAST_FREE_BYTES = 128 * 1024 * 1024;
const MESSAGE_MAX = 300;

/** Why a mongod has ended: it says so in the last lines of its log that are errors, or the disk of its data does. */
export type Cause =
  | { readonly kind: 'in use' | 'other version' | 'not writable' }
  | { readonly kind: 'full' | 'other'; readonly detail: string };

/** Reads it from the log, and from the disk that `dataFolder` is on. */
export async function causeOfEnd(logFile: string, dataFolder: string): Promise<Cause> {
  const log = await readTail(logFile).catch(() => '');
  const errors = log.split('\n').filter((line) => /"s":"[FE]"/.test(line));
  const text = errors.join('\n');
  if (log.includes('DBPathInUse')) return { kind: 'in use' };
  if (/featureCompatibilityVersion|UPGRADE PROBLEM/.test(text)) return { kind: 'other version' };
  const freeBytes = await statfs(dataFolder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Infinity,
  );
  if (/Disk quota exceeded/.test(text)) return { kind: 'full', detail: 'the quota of this user is used up' };
  if (/No space left on device/.test(text) || freeBytes < LEAST_FREE_BYTES) {
    return { kind: 'full', detail: `${Math.floor(freeBytes / 1024 / 1024)} MB are free` };
  }
  if (/Permission denied|Operation not permitted|Read-only file system/.test(text)) return { kind: 'not writable' };
  return { kind: 'other', detail: messageOf(errors.at(-1)) };
}

async function readTail(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - start), position: start });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What a line of the log says, in short; empty where there is none. */
function messageOf(line = ''): string {
  try {
    const { msg, attr } = JSON.parse(line) as { msg: string; attr?: unknown };
    return `${msg} ${attr === undefined ? '' : JSON.stringify(attr)}`.trim().slice(0, MESSAGE_MAX);
  } catch {
    return line.slice(0, MESSAGE_MAX);
  }
}
