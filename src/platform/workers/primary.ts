import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { Log } from '../logging/index.js';
import { SHUTDOWN_SIGNALS } from '../process/index.js';
import type { FromWorker, ToWorker } from './ipc.js';

/** After the end of a worker that has not been asked to end. */
const RESTART_MS = 500;

/** Starts the workers, says which of them own events, passes on what they tell each other, and replaces those that die. */
export class Primary {
  /** By id: where a worker can be reached. */
  private readonly reachable = new Map<string, Worker>();
  /** The ids of those that may own events. */
  private readonly members = new Set<string>();
  private readonly metrics = new AggregatorRegistry();
  private isEnding = false;
  private hasServed = false;

  constructor(
    private readonly count: number,
    private readonly log: Log,
  ) {}

  /** Starts one worker, and the others once that serves: what keeps it from that is said once. */
  start(): void {
    // Each accepts for itself: a connection that was on its way from the primary to a worker that dies stays open, and silent.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.on('exit', (worker, code, signal) => this.whenEnded(worker, code, signal));
    for (const signal of SHUTDOWN_SIGNALS) process.on(signal, () => this.end(signal));
    this.fork();
  }

  private fork(): void {
    const worker = cluster.fork();
    worker.on('message', (message: FromWorker) => void this.take(worker, message));
  }

  /** prom-client has messages of its own on the same channel. */
  private async take(worker: Worker, message: FromWorker): Promise<void> {
    switch (message.kind) {
      case 'serving':
        this.completeCrew();
        return;
      case 'joining':
        this.reachable.set(message.id, worker);
        this.members.add(message.id);
        this.tellServers();
        return;
      case 'leaving':
        this.members.delete(message.id);
        this.tellServers();
        return;
      case 'text': {
        const receiver = this.reachable.get(message.to);
        if (receiver) tell(receiver, { kind: 'text', text: message.text });
        tell(worker, { kind: 'sent', number: message.number, isThere: receiver !== undefined });
        return;
      }
      case 'metrics': {
        const text = await this.metrics.clusterMetrics().catch((error: unknown) => `# ${String(error)}\n`);
        tell(worker, { kind: 'metrics', number: message.number, text });
      }
    }
  }

  private completeCrew(): void {
    if (this.hasServed) return;
    this.hasServed = true;
    for (let others = this.count - 1; others > 0; others--) this.fork();
  }

  private tellServers(): void {
    for (const worker of this.reachable.values()) tell(worker, { kind: 'servers', ids: [...this.members] });
  }

  private whenEnded(worker: Worker, code: number, signal: string | null): void {
    for (const [id, other] of this.reachable) {
      if (other !== worker) continue;
      this.reachable.delete(id);
      this.members.delete(id);
    }
    this.tellServers();
    const isLast = Object.keys(cluster.workers ?? {}).length === 0;
    if (this.isEnding) {
      if (isLast) process.exit();
    } else if (!this.hasServed) {
      // It has said why it can't serve.
      process.exit(code);
    } else {
      this.log.error({ worker: worker.id, code, signal }, 'a worker has ended: another one is started');
      setTimeout(() => this.isEnding || this.fork(), RESTART_MS);
    }
  }

  private end(signal: NodeJS.Signals): void {
    this.isEnding = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
    if (Object.keys(cluster.workers ?? {}).length === 0) process.exit();
  }
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, undefined, undefined, () => undefined);
}
