import { Inject, Injectable } from '@nestjs/common';
import { Clock, type Instant } from '../common/clock.js';
import { CoalescedReads } from '../common/concurrency/coalesced-reads.js';
import { REDIS, type RedisServer } from '../platform/redis/index.js';
import type { Event } from './event.js';
import { EventsMetrics } from './events.metrics.js';

/** With the difference that the clocks of two servers may have, no state is shown a second after it has changed. */
const FRESH_MS = 500;

interface Cached {
  readonly event: Event;
  /** When its read began, by the database's clock. */
  readonly readAt: Instant;
}

const FIND = `
  local texts = {}
  for index, key in ipairs(KEYS) do texts[index] = redis.call('HGET', key, 'text') or '' end
  return texts
`;
/** Never replaces a later revision. */
const KEEP = `
  if tonumber(redis.call('HGET', KEYS[1], 'revision') or 0) > tonumber(ARGV[1]) then return end
  redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'text', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
`;

/**
 * Events as a server has read them a moment ago, for all servers that meet at a Redis. Only for who looks: nothing is ever
 * granted, refused or priced by it.
 */
@Injectable()
export class SharedEvents {
  private readonly lookups: CoalescedReads<Cached>;
  /** All who share a read have the same event, and one of them keeps it. */
  private readonly kept = new WeakSet<Event>();

  constructor(
    @Inject(REDIS) private readonly redis: RedisServer | undefined,
    private readonly clock: Clock,
    private readonly metrics: EventsMetrics,
  ) {
    this.lookups = new CoalescedReads(clock, (ids) => this.findMany(ids));
  }

  /** Returns the event as it was half a second ago at most; undefined where nobody has read it since. */
  async find(id: string): Promise<Event | undefined> {
    if (!this.redis) return undefined;
    const found = await this.lookups.read([id.toLowerCase()]).catch(() => undefined);
    const cached = found?.get(id.toLowerCase());
    const ageMs = cached && this.clock.now().getTime() - cached.readAt;
    this.metrics.countCacheLookup(found === undefined ? 'failed' : cached ? 'hit' : 'miss', ageMs);
    return cached?.event;
  }

  /** Keeps an event for all servers. `readAt`: when its read began, or before. */
  keep(event: Event, readAt: Instant): void {
    if (!this.redis || this.kept.has(event)) return;
    this.kept.add(event);
    const text = this.redis.seal({ event, readAt } satisfies Cached);
    this.redis.run(KEEP, [keyOf(this.redis, event.id)], event.revision, text, FRESH_MS).catch(() => undefined);
  }

  private async findMany(ids: readonly string[]): Promise<Map<string, Cached>> {
    const { redis } = this;
    if (!redis) return new Map();
    const texts = (await redis.run(
      FIND,
      ids.map((id) => keyOf(redis, id)),
    )) as string[];
    const since = this.clock.now().getTime() - FRESH_MS;
    const events = new Map<string, Cached>();
    for (const [index, id] of ids.entries()) {
      const cached = redis.unseal(texts[index] ?? '') as Cached | undefined;
      // Whoever writes to Redis could put one event in the place of another, or an old state back.
      if (cached?.event.id === id && cached.readAt >= since) events.set(id, cached);
    }
    return events;
  }
}

function keyOf(redis: RedisServer, id: string): string {
  return redis.nameOf(`event:${id}`);
}
