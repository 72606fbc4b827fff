import cluster from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { MetricsReader } from '../metrics/index.js';
import type { FromWorker, ToWorker } from './ipc.js';

/** This process as one of those that serve a port, and its line to their primary. */
export class Worker implements MetricsReader {
  /** Beside others that serve already. */
  readonly isFurther = (cluster.worker?.id ?? 1) > 1;
  private readonly sent = new Map<number, (isThere: boolean) => void>();
  private readonly metrics = new Map<number, (text: string) => void>();
  private number = 0;
  private onServers: (ids: readonly string[]) => void = () => undefined;
  private onText: (text: string) => void = () => undefined;

  constructor() {
    process.on('message', (message: ToWorker) => this.take(message));
    // Without the primary nobody can reach this server, nor end it.
    process.once('disconnect', () => process.exit(1));
  }

  /** This worker serves: others may be started beside it, and read its metrics. */
  serves(metrics: Registry): void {
    // Answers the primary from now on.
    AggregatorRegistry.setRegistries(metrics);
    new AggregatorRegistry();
    this.tell({ kind: 'serving' });
  }

  /** Returns the metrics of all workers, added up. */
  readMetrics(): Promise<string> {
    return this.ask(this.metrics, (number) => ({ kind: 'metrics', number }));
  }

  /** Brings a text to the worker that joined by this id. Returns false where there is none. */
  send(to: string, text: string): Promise<boolean> {
    return this.ask(this.sent, (number) => ({ kind: 'text', number, to, text }));
  }

  /** This worker may own events, by this id. `onServers` is told of all that may, `onText` what they send. */
  join(id: string, onServers: (ids: readonly string[]) => void, onText: (text: string) => void): void {
    this.onServers = onServers;
    this.onText = onText;
    this.tell({ kind: 'joining', id });
  }

  leave(id: string): void {
    this.tell({ kind: 'leaving', id });
  }

  private take(message: ToWorker): void {
    switch (message.kind) {
      case 'servers':
        this.onServers(message.ids);
        return;
      case 'text':
        this.onText(message.text);
        return;
      case 'sent':
        settle(this.sent, message.number, message.isThere);
        return;
      case 'metrics':
        settle(this.metrics, message.number, message.text);
    }
  }

  private ask<Value>(
    waiting: Map<number, (value: Value) => void>,
    toMessage: (number: number) => FromWorker,
  ): Promise<Value> {
    const number = ++this.number;
    return new Promise((resolve) => {
      waiting.set(number, resolve);
      this.tell(toMessage(number));
    });
  }

  private tell(message: FromWorker): void {
    // Where the channel is closed this process is about to end.
    process.send?.(message, undefined, undefined, () => undefined);
  }
}

function settle<Value>(waiting: Map<number, (value: Value) => void>, number: number, value: Value): void {
  waiting.get(number)?.(value);
  waiting.delete(number);
}
