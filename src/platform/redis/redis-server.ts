import { createHash } from 'node:crypto';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Redis, type RedisOptions } from 'ioredis';
import type { Clock } from '../../common/clock.js';
import type { Log } from '../logging/index.js';
import { decode, encode, nameOfSecret, seal, unseal } from '../peers/index.js';
import { RedisAway } from './redis-away.js';
import type { RedisMetrics } from './redis.metrics.js';

const MAX_PAUSE_MS = 1_000;
/** Redis answers in a fraction of a millisecond, and a busy server reads that later. Beyond this it is taken for away. */
const ANSWER_MS = 250;

/** What cannot be done now is not done later: others have gone on without it. */
const OPTIONS = {
  lazyConnect: true,
  // What is asked in one turn of the event loop goes out as one write.
  enableAutoPipelining: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  // A connection that is silent for so long after a command is opened again.
  socketTimeout: 3_000,
  retryStrategy: (attempt: number) => Math.min(MAX_PAUSE_MS, 50 * attempt),
} satisfies RedisOptions;

/** A Redis that may come and go: two connections, one to ask and one to listen. Nothing may depend on it. */
export class RedisServer implements OnApplicationShutdown {
  private readonly commands: Redis;
  private readonly subscriber: Redis;
  private readonly listeners = new Map<string, (text: string) => void>();
  /** Of scripts. */
  private readonly digests = new Map<string, string>();
  private secret = '';
  private space = '';
  /** It has not answered in time, and nothing since. */
  private isSilent = false;
  private isKnownAway = false;

  constructor(
    url: string,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly metrics: RedisMetrics,
  ) {
    this.commands = this.watch(new Redis(url, OPTIONS));
    this.subscriber = this.watch(new Redis(url, OPTIONS));
    this.subscriber.on('message', (channel: string, text: string) => this.listeners.get(channel)?.(text));
  }

  /** Returns when it is connected, or known to be away. Servers with the same secret use the same names. */
  async open(secret: string): Promise<void> {
    this.secret = secret;
    // Others may use this Redis too, and nobody learns the secret from a name.
    this.space = `ticket-booking:${nameOfSecret(secret)}`;
    // A connection that failed is tried again by itself, and has logged why.
    await Promise.allSettled([this.commands.connect(), this.subscriber.connect()]);
  }

  /** Whether it can be asked, as far as is known. */
  get isThere(): boolean {
    return !this.isSilent && this.commands.status === 'ready' && this.space !== '';
  }

  /** The name of a key or a channel, among those of the servers with this secret. */
  nameOf(what: string): string {
    return `${this.space}:${what}`;
  }

  /** The value as a text that can be kept in Redis: nobody else can make one. */
  seal(value: unknown): string {
    return seal(this.secret, encode(value));
  }

  /** The value of a text that a server with the same secret has sealed; undefined for any other text. */
  unseal(text: string): unknown {
    const content = unseal(this.secret, text);
    return content === undefined ? undefined : decode(content);
  }

  /** From now on `take` gets what is published on the channel, while Redis is there. */
  async listen(channel: string, take: (text: string) => void): Promise<void> {
    this.listeners.set(channel, take);
    // ioredis repeats it whenever it has connected again.
    await this.subscriber.subscribe(channel).catch(() => undefined);
  }

  /** Returns how many were listening. Throws RedisAway, or another error where that is not known. */
  publish(channel: string, text: string): Promise<number> {
    return this.ask(() => this.commands.publish(channel, text));
  }

  /** Returns what the script returns. Throws as `publish` does. */
  run(script: string, keys: readonly string[], ...args: readonly (string | number)[]): Promise<unknown> {
    return this.ask(() =>
      // Redis knows a script by its digest, as soon as it has seen it.
      this.commands.evalsha(this.digestOf(script), keys.length, ...keys, ...args).catch((error: unknown) => {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return this.commands.eval(script, keys.length, ...keys, ...args);
      }),
    );
  }

  /** Removes a key. Throws as `publish` does. */
  async remove(key: string): Promise<void> {
    await this.ask(() => this.commands.del(key));
  }

  private digestOf(script: string): string {
    let digest = this.digests.get(script);
    if (digest === undefined) this.digests.set(script, (digest = createHash('sha1').update(script).digest('hex')));
    return digest;
  }

  onApplicationShutdown(): void {
    this.commands.disconnect();
    this.subscriber.disconnect();
  }

  private async ask<Answer>(command: () => Promise<Answer>): Promise<Answer> {
    if (!this.isThere) throw new RedisAway('Redis is away');
    const answer = command();
    answer.then(
      () => this.hear(),
      () => undefined,
    );
    return this.inTime(answer);
  }

  private inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        const late = new Error(`Redis has not answered for ${ANSWER_MS} ms`);
        this.isSilent = true;
        this.tell(late);
        reject(late);
      };
      let isAnswered = false;
      // What has come while this process was busy is read before that.
      const takeBack = this.clock.after(ANSWER_MS, () => setImmediate(() => isAnswered || giveUp()));
      answer.then(resolve, reject).finally(() => {
        isAnswered = true;
        takeBack();
      });
    });
  }

  private hear(): void {
    if (!this.isSilent) return;
    this.isSilent = false;
    this.tell();
  }

  private watch(connection: Redis): Redis {
    return connection
      .on('ready', () => {
        this.isSilent = false;
        this.tell();
      })
      .on('error', (error: Error) => this.tell(error))
      .on('close', () => this.tell());
  }

  /** Logs each change once. */
  private tell(error?: Error): void {
    const isThere = !this.isSilent && this.commands.status === 'ready' && this.subscriber.status === 'ready';
    this.metrics.showAway(!isThere);
    if (isThere !== this.isKnownAway) return;
    this.isKnownAway = !isThere;
    if (isThere) this.log.info('Redis is back');
    // The error itself may hold the command, and that the password.
    else this.log.warn({ reason: error?.message }, 'Redis is away: this server sells by itself until it is back');
  }
}
