import type { ChildProcess } from 'node:child_process';
import { freePort } from '../../src/platform/database/local-mongod.js';
import { findProgram } from '../support/program-folders.js';
import { endEpmd, rabbitAnswers, rabbitEnvironment, type RabbitPorts } from '../support/rabbit-program.js';
import { type Host, LOCAL_HOST } from './host.js';
import { until } from './wait.js';
import { hasEnded, type Workspace } from './workspace.js';

const TIMEOUT_MS = 120_000;

/** A RabbitMQ that can be killed and comes back on the same port, with what it has accepted. */
export class Rabbit {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly workspace: Workspace,
    private readonly program: string,
    readonly host: Host,
    private readonly ports: RabbitPorts,
  ) {}

  static async start(workspace: Workspace, host = LOCAL_HOST): Promise<Rabbit> {
    const program = findProgram('rabbitmq-server');
    if (program === undefined) throw new Error('there is no rabbitmq-server here (apt-get install rabbitmq-server)');
    const ports = { amqp: await freePort(), distribution: await freePort(), epmd: await freePort() };
    const rabbit = new Rabbit(workspace, program, host, ports);
    workspace.beforeRemoval(() => endEpmd(ports.epmd));
    await rabbit.launch();
    return rabbit;
  }

  get url(): string {
    return `amqp://${this.host.address}:${this.ports.amqp}`;
  }

  async launch(): Promise<void> {
    const { program: command, host } = this;
    const environment = rabbitEnvironment(this.workspace.subfolder('rabbitmq'), this.ports, host.address);
    this.process = this.workspace.spawn('rabbitmq', { command, args: [], environment, isGroup: true, host });
    await this.ready();
  }

  async kill(): Promise<void> {
    const child = this.process;
    if (!child || hasEnded(child)) return;
    const ended = new Promise((done) => child.once('exit', done));
    this.signal('SIGKILL');
    await ended;
  }

  /** To all of its processes: the program that is started starts the one that matters. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    if (this.process?.pid !== undefined) process.kill(-this.process.pid, signal);
  }

  async ready(): Promise<void> {
    await until('RabbitMQ answers', TIMEOUT_MS, () => rabbitAnswers(this.ports.amqp, this.host.address));
  }
}
