import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, LOCAL_HOST } from './host.js';

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Whether it starts others, which end with it. */
  readonly isGroup?: boolean;
  /** Where it runs; on this machine by default. */
  readonly host?: Host;
}

/** A throw-away folder with the processes that run in it, and their logs. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'ticket-booking-chaos-'));
  private readonly children = new Set<ChildProcess>();
  private readonly groups = new Set<ChildProcess>();
  private readonly closers: (() => Promise<void>)[] = [];
  private closing: Promise<void> | undefined;

  /** A folder in it, by name; made where it does not exist yet. */
  subfolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Runs a program in the subfolder of its name. What it prints is added to the log of that name. */
  spawn(name: string, { command, args, environment, isGroup = false, host = LOCAL_HOST }: Program): ChildProcess {
    if (this.closing) throw new Error('everything is being ended');
    const log = openSync(join(this.folder, `${name}.log`), 'a');
    const [program, ...all] = host.commandFor(command, args);
    const child = spawn(program, all, {
      cwd: this.subfolder(name),
      env: environment,
      stdio: ['ignore', log, log],
      detached: isGroup,
    });
    closeSync(log);
    this.children.add(child);
    if (isGroup) this.groups.add(child);
    child.once('error', () => this.children.delete(child));
    child.once('exit', () => this.children.delete(child));
    return child;
  }

  get isClosing(): boolean {
    return this.closing !== undefined;
  }

  /** Has to be done when all processes have ended, such as waiting for those that they had started. */
  beforeRemoval(close: () => Promise<void>): void {
    this.closers.push(close);
  }

  /** Ends all that runs in it, and removes it, or all but the logs. */
  close(keep: 'nothing' | 'logs' = 'nothing'): Promise<void> {
    this.closing ??= this.clear(keep);
    return this.closing;
  }

  private async clear(keep: 'nothing' | 'logs'): Promise<void> {
    for (const { pid } of this.groups) if (pid !== undefined) killGroup(pid);
    await Promise.all([...this.children].map((child) => end(child, 'SIGKILL')));
    await Promise.all(this.closers.splice(0).map((close) => close()));
    for (const entry of readdirSync(this.folder, { withFileTypes: true })) {
      if (keep === 'nothing' || entry.isDirectory()) {
        rmSync(join(this.folder, entry.name), { recursive: true, force: true, maxRetries: 5 });
      }
    }
    if (keep === 'nothing') rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A group may have ended already. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has.
  }
}

export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Sends the signal, and waits for the end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await ended;
}
