import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { percentile } from '../support/statistics.js';
import { endOfAnswer, statusOf } from './http-text.js';
import { type LoadPlan, type LoadResult, STALL_MS } from './plan.js';
import { toRequestText } from './request-text.js';

const TICK_MS = 2;
const CONNECTED_AT_ONCE = 50;

interface Connection {
  readonly socket: Socket;
  received: string;
  sentAt: number;
}

/**
 * Requests that come at a fixed rate, whether or not those before them were answered: what a crowd does (an open loop).
 * They come over connections that are open already, as those of shops are; what finds none is not sent, and counted as
 * such. Its HTTP is the least that works, so that most of the machine is left to the server.
 */
export class OpenLoad {
  private readonly idle: Connection[] = [];
  private readonly all = new Set<Connection>();
  private timer: NodeJS.Timeout | undefined;
  private beganAt = 0;
  private sent = 0;
  private latencies: number[] = [];
  private refusals: number[] = [];
  private others: Record<string, number> = {};
  private stalls = 0;
  private acknowledged = 0;
  private startedAt = performance.now();

  constructor(
    private readonly plan: LoadPlan,
    private readonly perSecond: number,
  ) {}

  /** Returns once requests are sent. */
  async begin(): Promise<void> {
    while (this.all.size < this.plan.connections) {
      const some = Math.min(CONNECTED_AT_ONCE, this.plan.connections - this.all.size);
      await Promise.all(Array.from({ length: some }, () => this.connect()));
    }
    this.beganAt = performance.now();
    this.timer = setInterval(() => this.sendDue(), TICK_MS);
  }

  /** Forgets what was seen until now, but not what was acknowledged. */
  open(): void {
    this.latencies = [];
    this.refusals = [];
    this.others = {};
    this.stalls = 0;
    this.startedAt = performance.now();
  }

  close(): LoadResult {
    const now = performance.now();
    const seconds = (now - this.startedAt) / 1_000;
    clearInterval(this.timer);
    const idle = new Set(this.idle);
    const waiting = [...this.all].filter((each) => !idle.has(each) && now - each.sentAt > STALL_MS).length;
    for (const { socket } of this.all) socket.destroy();
    return {
      seconds,
      answers: this.latencies.length,
      p50: percentile(this.latencies, 0.5),
      p99: percentile(this.latencies, 0.99),
      refusedP50: percentile(this.refusals, 0.5),
      stalls: this.stalls + waiting,
      others: this.others,
      acknowledged: this.acknowledged,
    };
  }

  private sendDue(): void {
    const due = Math.floor(((performance.now() - this.beganAt) / 1_000) * this.perSecond);
    for (; this.sent < due; this.sent++) this.send();
  }

  private send(): void {
    const connection = this.idle.pop();
    if (!connection) return this.count('not sent');
    connection.sentAt = performance.now();
    connection.socket.write(toRequestText(this.plan));
  }

  private async connect(): Promise<void> {
    const { hostname, port } = new URL(this.plan.urls[this.all.size % this.plan.urls.length] ?? '');
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }).setEncoding('latin1');
    const connection = { socket, received: '', sentAt: Number.NaN };
    this.all.add(connection);
    socket.on('data', (text: string) => this.receive(connection, text));
    socket.on('error', () => this.count('broken'));
    await once(socket, 'connect');
    this.idle.push(connection);
  }

  private receive(connection: Connection, text: string): void {
    connection.received += text;
    const end = endOfAnswer(connection.received);
    if (end === undefined || connection.received.length < end) return;
    const answer = connection.received;
    connection.received = '';
    this.see(statusOf(answer), performance.now() - connection.sentAt);
    this.idle.push(connection);
  }

  private see(status: number, milliseconds: number): void {
    if (status === 201) this.acknowledged++;
    if (milliseconds > STALL_MS) this.stalls++;
    if (status === 503) this.refusals.push(milliseconds);
    if (status === this.plan.expected) this.latencies.push(milliseconds);
    else this.count(String(status));
  }

  private count(other: string): void {
    this.others[other] = (this.others[other] ?? 0) + 1;
  }
}
