import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../../scripts/support/free-port.js';
import { askRedis, redisAnswers, redisArguments } from '../../scripts/support/redis-program.js';
import { until } from './until.js';

/** A real Redis that keeps nothing, on a port of its own, and may be stopped, killed and wiped. */
export class RedisProcess {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly path: string,
    private readonly port: number,
    private readonly password: string | undefined,
  ) {}

  static async start(path: string, password?: string): Promise<RedisProcess> {
    const redis = new RedisProcess(path, await freePort(), password);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again at the same port. */
  async start(): Promise<void> {
    const secured = this.password === undefined ? [] : ['--requirepass', this.password];
    this.child = spawn(this.path, [...redisArguments(this.port), ...secured], { stdio: 'ignore' });
    await until('Redis answers', () => redisAnswers(this.port));
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.child!.kill(name);
  }

  async kill(): Promise<void> {
    const ended = new Promise((done) => this.child!.once('exit', done));
    this.child!.kill('SIGKILL');
    await ended;
  }

  /** Returns what it answers to one line. */
  ask(line: string): Promise<string> {
    return askRedis(this.port, line);
  }
}
