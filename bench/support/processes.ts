import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Scope } from './scope.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const END_TIMEOUT_MS = 15_000;
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Waits until the benchmark's end of its input closes, however the benchmark ended, and ends one process. */
const WATCHER = 'cat >/dev/null; kill "$1" 2>/dev/null';

export interface Launched {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it said on stderr. */
  complaints(): string;
}

/** An empty folder that goes with the scope. */
export function temporaryFolder(scope: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-booking-bench-'));
  scope.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a process that ends with the scope. Its stdout goes nowhere. */
export function launch(
  scope: Scope,
  command: string,
  args: readonly string[],
  options: SpawnOptions & { endSignal?: NodeJS.Signals },
): Launched {
  const complaintsFile = join(temporaryFolder(scope), 'stderr');
  const stderr = openSync(complaintsFile, 'w');
  // Detached, so that Ctrl-C reaches the benchmark alone, which ends the others in order.
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'ignore', stderr] });
  closeSync(stderr);
  scope.defer(() => end(child, options.endSignal ?? 'SIGTERM'));
  child.on('error', (error) => console.error(`${command}: ${error.message}`));
  if (child.pid === undefined) throw new Error(`${command} can not be started`);
  const watcher = spawn('sh', ['-c', WATCHER, 'watcher', String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.once('exit', () => watcher.kill('SIGKILL'));
  return { child, pid: child.pid, complaints: () => readFileSync(complaintsFile, 'utf8') };
}

/** Returns when `isReady` says so. Throws with what the process said when it ends before, or takes too long. */
export async function untilReady(name: string, launched: Launched, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline && !hasEnded(launched.child)) {
    if (await isReady().catch(() => false)) return;
    await sleep(POLL_MS);
  }
  throw new Error(`${name} did not start:\n${launched.complaints().slice(-2_000)}`);
}

/** Returns when it has ended by itself. Throws with what the process said when it fails. */
export async function untilDone(name: string, { child, ...launched }: Launched): Promise<void> {
  if (!hasEnded(child)) await new Promise((done) => child.once('exit', done));
  if (child.exitCode !== 0) throw new Error(`${name} failed: ${launched.complaints()}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
