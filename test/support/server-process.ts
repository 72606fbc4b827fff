import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../scripts/support/free-port.js';
import { Api } from './api.js';
import { until } from './until.js';

const ROOT = process.cwd();
const READY_TIMEOUT_MS = 120_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built product as a process of its own, as `npm start` runs it. */
export class ServerProcess {
  readonly api: Api;
  readonly exited: Promise<Exit>;
  private text = '';

  private constructor(
    readonly folder: string,
    readonly child: ChildProcess,
    port: number,
    basePath: string,
  ) {
    this.api = new Api(`http://127.0.0.1:${port}${basePath}`);
    this.exited = new Promise((done) => child.once('close', (code, signal) => done({ code, signal })));
    const collect = (chunk: Buffer) => (this.text += chunk.toString());
    child.stdout!.on('data', collect);
    child.stderr!.on('data', collect);
  }

  /** Everything it has printed. */
  get output(): string {
    return this.text;
  }

  /** Starts it in a folder, whose `data/` it keeps, on a free port; `root` has another build of it. */
  static async start(folder: string, environment: Record<string, string> = {}, root = ROOT): Promise<ServerProcess> {
    const port = environment['PORT'] ? Number(environment['PORT']) : await freePort();
    const child = spawnIn(folder, join(root, 'dist/main.js'), [], { PORT: String(port), ...environment });
    return new ServerProcess(folder, child, port, environment['BASE_PATH'] ?? '');
  }

  /** Returns once it serves. Throws with its output when it ends before that. */
  ready(): Promise<this> {
    return this.untilOk('/health/ready');
  }

  /** Returns once it answers at all, with its database or without. */
  listening(): Promise<this> {
    return this.untilOk('/health/live');
  }

  /** Returns once it has printed `text`. Throws with its output when it does not. */
  async says(text: string): Promise<void> {
    await until(`the server says ${text}`, () => this.output.includes(text)).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.output}`);
    });
  }

  /** Sends the signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.child.kill(signal);
    return this.exited;
  }

  private async untilOk(path: string): Promise<this> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (Date.now() < deadline && this.child.exitCode === null && this.child.signalCode === null) {
      const answer = await this.api.get(path).catch(() => undefined);
      if (answer?.status === 200) return this;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the server does not get ready:\n${this.output}`);
  }

  /** The process id of its embedded mongod. */
  get mongodPid(): number {
    return (JSON.parse(readFileSync(join(this.folder, 'data/mongod.json'), 'utf8')) as { pid: number }).pid;
  }
}

/** Runs a built program to its end in a folder. */
export async function runToEnd(
  folder: string,
  program: string,
  args: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<Exit & { stdout: string; stderr: string }> {
  return untilEnd(spawnIn(folder, program, args, environment));
}

/** What a program prints, and how it ends. */
export function untilEnd(child: ChildProcess): Promise<Exit & { stdout: string; stderr: string }> {
  const output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  return new Promise((done, fail) => {
    child.once('error', fail).once('close', (code, signal) => done({ code, signal, ...output }));
  });
}

/** Runs a built program in a folder. */
export function spawnIn(
  folder: string,
  program: string,
  args: readonly string[],
  environment: Record<string, string>,
): ChildProcess {
  const { MONGO_URI: _, NODE_OPTIONS: __, ...inherited } = process.env;
  return spawn(process.execPath, [resolve(ROOT, program), ...args], {
    cwd: folder,
    env: { ...inherited, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Empty folders, and what runs in them, until the test has ended. */
export class Workplace {
  private readonly folders: string[] = [];
  private readonly servers: ServerProcess[] = [];

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'ticket-booking-test-'));
    this.folders.push(folder);
    return folder;
  }

  async start(folder: string, environment?: Record<string, string>, root?: string): Promise<ServerProcess> {
    const server = await ServerProcess.start(folder, environment, root);
    this.servers.push(server);
    return server;
  }

  async clear(): Promise<void> {
    await Promise.all(this.servers.splice(0).map((server) => server.end('SIGTERM')));
    for (const folder of this.folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
