import type { OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../../common/clock.js';
import { Repeated } from '../../common/concurrency/repeated.js';
import { type PeersMetrics, SlotPeers } from '../peers/index.js';
import { RedisAway } from './redis-away.js';
import type { RedisServer } from './redis-server.js';

/** A server that has not said for so long that it is there owns nothing any more. */
const LEASE_MS = 3_000;
const BEAT_MS = 1_000;

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
  private leaseMs = LEASE_MS;
  private readonly beats: Repeated;

  constructor(
    private readonly redis: RedisServer,
    private readonly secrets: { read(): Promise<string> },
    clock: Clock,
    metrics: PeersMetrics,
  ) {
    super(clock, metrics);
    this.beats = new Repeated(
      clock,
      () => BEAT_MS,
      () => this.beat(),
    );
  }

  override async join(): Promise<void> {
    const secret = await this.secrets.read();
    await this.redis.open(secret);
    this.open({ send: (to, text) => this.send(to, text) }, secret);
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
  }

  private get serversKey(): string {
    return this.redis.nameOf('servers');
  }

  private channelOf(id: string): string {
    return this.redis.nameOf(`to:${id}`);
  }

  private async beat(): Promise<void> {
    const servers = await this.redis.run(BEAT, [this.serversKey], this.id, this.leaseMs).catch(() => []);
    this.know(servers as string[]);
  }

  /** Nobody has got it where nobody was listening, or nothing was sent. */
  private async send(to: string, text: string): Promise<boolean> {
    try {
      return (await this.redis.publish(this.channelOf(to), text)) > 0;
    } catch (error) {
      // Until Redis answers again, nobody is asked.
      this.know([]);
      return !(error instanceof RedisAway);
    }
  }
}
