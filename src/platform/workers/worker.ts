import { randomUUID } from 'node:crypto';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Clock, Instant } from '../../common/clock.js';
import { type Handler, Messenger, Peers, type Silence } from '../peers/index.js';
import type { FromWorker, ToWorker } from './ipc.js';
import { slotOf } from './owners.js';

/** Between workers of one primary nobody else can say anything. */
const SECRET = '';

/** The other workers of this machine, as the primary tells of them. */
export class Workers extends Peers {
  private readonly id = randomUUID();
  private readonly messenger: Messenger;
  private readonly sent = new Map<number, (isThere: boolean) => void>();
  private readonly metrics = new Map<number, (text: string) => void>();
  private owners: readonly string[] = [];
  private handle: Handler = () => Promise.reject(new Error('nobody answers yet'));
  private number = 0;

  constructor(clock: Clock) {
    super();
    const wire = { send: (to: string, text: string) => this.send(to, text) };
    const handle: Handler = (body) => this.handle(body);
    this.messenger = new Messenger(this.id, SECRET, wire, clock, handle, () => undefined);
    process.on('message', (message: ToWorker) => void this.take(message));
    // Without the primary nobody can reach this server, nor end it.
    process.once('disconnect', () => process.exit(1));
  }

  override join(metrics: Registry): void {
    // Answers the primary from now on.
    AggregatorRegistry.setRegistries(metrics);
    new AggregatorRegistry();
    this.tell({ kind: 'here', id: this.id });
  }

  override leave(): void {
    this.owners = [];
    this.tell({ kind: 'leaving', id: this.id });
  }

  override ownerOf(name: string): string | undefined {
    const owner = this.owners[slotOf(name)];
    return owner === this.id ? undefined : owner;
  }

  override request(
    to: string,
    body: unknown,
    expiresAt: Instant,
    patienceMs: number,
  ): Promise<{ reply: unknown } | Silence> {
    return this.messenger.request(to, body, expiresAt, patienceMs);
  }

  override answer(handle: Handler): void {
    this.handle = handle;
  }

  /** Those of all workers, added up. */
  override readMetrics(): Promise<string> {
    const number = ++this.number;
    return new Promise((resolve) => {
      this.metrics.set(number, resolve);
      this.tell({ kind: 'metrics', number });
    });
  }

  private async take(message: ToWorker): Promise<void> {
    switch (message.kind) {
      case 'owners':
        this.owners = message.owners;
        return;
      case 'text':
        return this.messenger.take(message.text);
      case 'sent':
        settle(this.sent, message.number, message.isThere);
        return;
      case 'metrics':
        settle(this.metrics, message.number, message.text);
    }
  }

  private send(to: string, text: string): Promise<boolean> {
    const number = ++this.number;
    return new Promise((resolve) => {
      this.sent.set(number, resolve);
      this.tell({ kind: 'text', number, to, text });
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
