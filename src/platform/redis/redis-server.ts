import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../logging/index.js';
import type { RedisMetrics } from './redis.metrics.js';

const MAX_PAUSE_MS = 1_000;

/** What cannot be done now is not done later: others have gone on without it. */
const OPTIONS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  retryStrategy: (attempt: number) => Math.min(MAX_PAUSE_MS, 50 * attempt),
} satisfies RedisOptions;

/** A Redis that may come and go: two connections, one to ask and one to listen. Nothing may depend on it. */
export class RedisServer {
  private readonly commands: Redis;
  private readonly subscriber: Redis;
  private readonly listeners = new Map<string, (text: string) => void>();
  private isKnownAway = false;

  constructor(
    url: string,
    private readonly log: Log,
    private readonly metrics: RedisMetrics,
  ) {
    this.commands = this.watch(new Redis(url, OPTIONS));
    this.subscriber = this.watch(new Redis(url, OPTIONS));
    this.subscriber.on('message', (channel: string, text: string) => this.listeners.get(channel)?.(text));
  }

  /** Returns when it is connected, or known to be away. */
  async connect(): Promise<void> {
    // Whoever has failed tries again by itself, and has said why.
    await Promise.allSettled([this.commands.connect(), this.subscriber.connect()]);
  }

  /** False: a command would not be sent, for certain. */
  get isConnected(): boolean {
    return this.commands.status === 'ready';
  }

  /** From now on `take` gets what is published on the channel, while Redis is there. */
  async listen(channel: string, take: (text: string) => void): Promise<void> {
    this.listeners.set(channel, take);
    // ioredis repeats it whenever it has connected again.
    await this.subscriber.subscribe(channel).catch(() => undefined);
  }

  /** Returns how many were listening. Throws where that is not known. */
  publish(channel: string, text: string): Promise<number> {
    return this.commands.publish(channel, text);
  }

  /** Runs a script on one key. Throws where Redis does not answer. */
  run(script: string, key: string, ...args: readonly (string | number)[]): Promise<unknown> {
    return this.commands.eval(script, 1, key, ...args);
  }

  close(): void {
    this.commands.disconnect();
    this.subscriber.disconnect();
  }

  private watch(connection: Redis): Redis {
    return connection
      .on('ready', () => this.tell(this.commands.status === 'ready' && this.subscriber.status === 'ready'))
      .on('error', (error: Error) => this.tell(false, error))
      .on('close', () => this.tell(false));
  }

  /** Logs each change once. */
  private tell(isThere: boolean, err?: Error): void {
    this.metrics.showAway(!isThere);
    if (isThere !== this.isKnownAway) return;
    this.isKnownAway = !isThere;
    if (isThere) this.log.info('Redis is back');
    else this.log.warn({ err }, 'Redis is away: each server sells by itself until it is back');
  }
}
