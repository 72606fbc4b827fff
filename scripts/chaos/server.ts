import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, isAlive, LOOPBACK } from '../../src/platform/database/local-mongod.js';
import { type Host, LOCAL_HOST } from './host.js';
import { until } from './wait.js';
import { end, hasEnded, type Workspace } from './workspace.js';

/** The built product. */
export const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const READY_TIMEOUT_MS = 60_000;
const ORPHAN_TIMEOUT_MS = 30_000;

/** The built product as a process, which can be killed and comes back on the same port. */
export class Server {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly workspace: Workspace,
    private readonly name: string,
    private readonly port: number,
    private readonly environment: NodeJS.ProcessEnv,
    readonly host: Host,
  ) {}

  /** Starts it with these settings, which name its database: a MONGO_URI, or the mongod for an embedded one. */
  static async start(
    workspace: Workspace,
    name: string,
    environment: NodeJS.ProcessEnv,
    host = LOCAL_HOST,
  ): Promise<Server> {
    const port = await freePort();
    const { MONGO_URI: _, ...inherited } = process.env;
    const settings = {
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      HOST: host.address,
      PORT: String(port),
    };
    const server = new Server(workspace, name, port, { ...inherited, ...settings, ...environment }, host);
    server.launch();
    workspace.beforeRemoval(() => server.untilMongodHasEnded());
    await server.ready();
    return server;
  }

  get url(): string {
    return `http://${this.host.address}:${this.port}`;
  }

  launch(): void {
    this.process = this.workspace.spawn(this.name, {
      command: process.execPath,
      args: [PROGRAM],
      environment: this.environment,
      host: this.host,
    });
  }

  async kill(): Promise<void> {
    if (this.process) await end(this.process, 'SIGKILL');
  }

  /** Kills the last of its workers. Returns when as many serve as before. */
  async killWorker(): Promise<void> {
    const workers = this.workers();
    const last = workers.at(-1);
    if (last === undefined) throw new Error(`${this.name} has no workers`);
    process.kill(last, 'SIGKILL');
    await until(`another worker of ${this.name}`, READY_TIMEOUT_MS, () => {
      const now = this.workers();
      return now.length === workers.length && !now.includes(last);
    });
    await this.ready();
  }

  private workers(): number[] {
    const pid = this.process?.pid ?? 0;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  }

  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.process?.kill(signal);
  }

  /** Returns once it serves. Throws when it has ended by itself. */
  async ready(): Promise<void> {
    await until(`${this.name} gets ready`, READY_TIMEOUT_MS, async () => {
      if (!this.process || hasEnded(this.process)) throw new Error(`${this.name} has ended, see its log`);
      return fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).then(
        (response) => response.ok,
        () => false,
      );
    });
  }

  /** The process id of its embedded mongod; undefined where it has none. */
  get mongodPid(): number | undefined {
    return this.mongod?.pid;
  }

  /** The URI of its embedded mongod. */
  get mongodUri(): string {
    return `mongodb://${LOOPBACK}:${this.mongod?.port ?? ''}/?directConnection=true`;
  }

  private get mongod(): { readonly pid: number; readonly port: number } | undefined {
    try {
      const address = readFileSync(join(this.workspace.subfolder(this.name), 'data/mongod.json'), 'utf8');
      return JSON.parse(address) as { pid: number; port: number };
    } catch {
      return undefined;
    }
  }

  /** The server's own watcher ends its mongod; should it not, we do. */
  private async untilMongodHasEnded(): Promise<void> {
    const pid = this.mongodPid;
    if (pid === undefined) return;
    const hasGone = () => !isAlive(pid);
    await until('the end of the embedded mongod', ORPHAN_TIMEOUT_MS, hasGone).catch(() => process.kill(pid, 'SIGKILL'));
  }
}
