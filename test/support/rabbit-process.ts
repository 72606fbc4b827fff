import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from 'rabbitmq-client';
import { freePort } from '../../scripts/support/free-port.js';
import { endEpmd, rabbitAnswers, rabbitEnvironment, type RabbitPorts } from '../../scripts/support/rabbit-program.js';
import { until } from './until.js';

/** A real RabbitMQ on ports of its own, which may be stopped and killed. What it has accepted is there when it is started again, unless it is wiped. */
export class RabbitProcess {
  private child: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'ticket-booking-rabbitmq-'));

  private constructor(
    private readonly path: string,
    private readonly ports: RabbitPorts,
  ) {}

  static async start(path: string): Promise<RabbitProcess> {
    const ports = { amqp: await freePort(), distribution: await freePort(), epmd: await freePort() };
    const rabbit = new RabbitProcess(path, ports);
    await rabbit.start();
    return rabbit;
  }

  get url(): string {
    return `amqp://127.0.0.1:${this.ports.amqp}`;
  }

  /** Starts it, or starts it again at the same port. */
  async start(): Promise<void> {
    const env = rabbitEnvironment(this.folder, this.ports);
    // A group of its own: the program that is started starts the one that matters.
    this.child = spawn(this.path, [], { env, stdio: 'ignore', detached: true });
    await until('RabbitMQ answers', () => rabbitAnswers(this.ports.amqp), 120_000);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    process.kill(-this.child!.pid!, name);
  }

  async kill(): Promise<void> {
    const ended = new Promise((done) => this.child!.once('exit', done));
    this.signal('SIGKILL');
    await ended;
  }

  /** A client of its own, which has to be destroyed. */
  connect(): Connection {
    return new Connection(this.url.replace('//', '//guest:guest@'));
  }

  /** Removes what it has kept, while it does not run. */
  wipe(): void {
    rmSync(join(this.folder, 'mnesia'), { recursive: true, force: true, maxRetries: 5 });
  }

  /** Ends it, and removes what it has kept. */
  async remove(): Promise<void> {
    await this.kill().catch(() => undefined);
    await endEpmd(this.ports.epmd);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
