import { createHash } from 'node:crypto';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../../common/clock.js';
import { Repeated } from '../../common/concurrency/repeated.js';
import { type PeersMetrics, SlotPeers } from '../peers/index.js';
import type { RedisServer } from './redis-server.js';

/** A server that has not said for so long that it is there owns nothing any more. */
const LEASE_MS = 3_000;
const BEAT_MS = 1_000;
/** Redis answers in a fraction of a millisecond, and a busy server reads that later. Beyond this it is taken for away. */
const ANSWER_MS = 250;

/**
 * Takes those out that are gone by Redis' own clock, puts this server in (or takes it out), tells all of them where that
 * has changed something, and returns the ids of those that are there.
 */
const BEAT = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local changes = redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  if tonumber(ARGV[2]) > 0 then
    changes = changes + redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  else
    changes = changes + redis.call('ZREM', KEYS[1], ARGV[1])
  end
  if changes > 0 then redis.call('PUBLISH', KEYS[1], ARGV[1]) end
  return redis.call('ZRANGE', KEYS[1], 0, -1)
`;

/** The servers on this database, as Redis tells of them. While it is away each of them is on its own. */
export class RedisPeers extends SlotPeers implements OnApplicationShutdown {
  private space = '';
  private leaseMs = LEASE_MS;
  private readonly beats: Repeated;

  constructor(
    private readonly redis: RedisServer,
    private readonly readSecret: () => Promise<string>,
    private readonly time: Clock,
    metrics: PeersMetrics,
  ) {
    super(time, metrics);
    this.beats = new Repeated(
      time,
      () => BEAT_MS,
      () => this.beat(),
    );
  }

  override async join(): Promise<void> {
    const secret = await this.readSecret();
    // Others may use this Redis too, and nobody learns the secret from a name.
    this.space = `ticket-booking:${createHash('sha256').update(secret).digest('hex').slice(0, 16)}`;
    this.open({ send: (to, text) => this.send(to, text) }, secret);
    await this.redis.connect();
    await this.redis.listen(this.channelOf(this.id), (text) => void this.take(text));
    await this.redis.listen(this.serversKey, (id) => void (id === this.id || this.beat()));
    await this.beat();
    this.beats.start();
  }

  override leave(): void {
    this.leaseMs = 0;
    void this.beat();
  }

  onApplicationShutdown(): void {
    this.beats.stop();
    this.redis.close();
  }

  private get serversKey(): string {
    return `${this.space}:servers`;
  }

  private channelOf(id: string): string {
    return `${this.space}:to:${id}`;
  }

  private async beat(): Promise<void> {
    const asked = this.redis.run(BEAT, this.serversKey, this.id, this.leaseMs);
    const servers = await this.soon(asked).catch(() => undefined);
    this.know((servers as string[] | undefined) ?? []);
  }

  /** Nobody has got it where nobody was listening, or nothing was sent. */
  private async send(to: string, text: string): Promise<boolean> {
    if (!this.redis.isConnected) return false;
    const listening = await this.soon(this.redis.publish(this.channelOf(to), text)).catch(() => undefined);
    // Until it answers again, nobody is asked.
    if (listening === undefined) this.know([]);
    return listening !== 0;
  }

  /** Undefined where Redis has not answered soon. */
  private async soon<Value>(answer: Promise<Value>): Promise<Value | undefined> {
    let takeBack = () => {};
    const tooLate = new Promise<undefined>((resolve) => {
      // What has come while this process was busy is read before that.
      takeBack = this.time.after(ANSWER_MS, () => setImmediate(resolve, undefined));
    });
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      takeBack();
    }
  }
}
