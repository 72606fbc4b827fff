import type { ChildProcess } from 'node:child_process';
import { freePort } from '../../src/platform/database/local-mongod.js';
import { findProgram } from '../support/program-folders.js';
import { askRedis, redisAnswers, redisArguments } from '../support/redis-program.js';
import { type Host, LOCAL_HOST } from './host.js';
import { until } from './wait.js';
import { end, type Workspace } from './workspace.js';

const TIMEOUT_MS = 30_000;

/** A Redis that keeps nothing, which can be killed and comes back empty on the same port. */
export class Redis {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly workspace: Workspace,
    private readonly program: string,
    readonly host: Host,
    private readonly port: number,
  ) {}

  static async start(workspace: Workspace, host = LOCAL_HOST): Promise<Redis> {
    const program = findProgram('redis-server');
    if (program === undefined) throw new Error('there is no redis-server here (apt-get install redis-server)');
    const redis = new Redis(workspace, program, host, await freePort());
    await redis.launch();
    return redis;
  }

  get url(): string {
    return `redis://${this.address}`;
  }

  private get address(): string {
    return `${this.host.address}:${this.port}`;
  }

  async launch(): Promise<void> {
    const { program: command, host } = this;
    const args = redisArguments(this.port, host.address);
    this.process = this.workspace.spawn('redis', { command, args, environment: process.env, host });
    await this.ready();
  }

  async kill(): Promise<void> {
    if (this.process) await end(this.process, 'SIGKILL');
  }

  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.process?.kill(signal);
  }

  async wipe(): Promise<void> {
    await askRedis(this.port, 'FLUSHALL', this.host.address);
  }

  async ready(): Promise<void> {
    await until('Redis answers', TIMEOUT_MS, () => redisAnswers(this.port, this.host.address));
  }
}
