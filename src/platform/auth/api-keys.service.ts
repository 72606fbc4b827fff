import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { CoalescedReads } from '../../common/concurrency/coalesced-reads.js';
import { withTimeout } from '../../common/concurrency/with-timeout.js';
import { databaseUnavailable } from '../database/index.js';
import { type ApiKey, createToken, hashOf, isTokenOf, keyIdOf, type Scope } from './api-key.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { type Caller, holdersOf } from './caller.js';

interface Snapshot {
  /** When its read began, by the monotonic clock. */
  readonly readAt: number;
  readonly keys: ReadonlyMap<string, ApiKey>;
  readonly callers: ReadonlyMap<string, Caller>;
}

/** With the time that a read may take, a revoked key is refused everywhere within 5 s. */
const MAX_AGE_MS = 3_000;
const READ_TIMEOUT_MS = 1_500;
/** From then on a fresh one is read beside the requests. */
const REFRESH_AFTER_MS = 1_000;
/** A key that is not known may be new; all who make keys up together cost a read this often. */
const NEWS_EVERY_MS = 50;
const USE_RECORDED_EVERY_MS = 60_000;

/** The keys, as they were in the last seconds: no request waits for the database because of its key. */
@Injectable()
export class ApiKeysService {
  private snapshot: Snapshot | undefined;
  private reading: Promise<Snapshot> | undefined;
  /** What was read before this moment does not count. */
  private staleBefore = -Infinity;
  /** When each key's use was last recorded, by the monotonic clock. */
  private readonly used = new Map<string, number>();
  private readonly news: CoalescedReads<Caller>;

  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly clock: Clock,
  ) {
    this.news = new CoalescedReads(clock, async () => {
      await clock.sleep(NEWS_EVERY_MS);
      return (await this.read()).callers;
    });
  }

  /** A new key, and its token, which is not stored. */
  async create(name: string, scopes: readonly Scope[]): Promise<{ key: ApiKey; token: string }> {
    const id = this.keys.nextId();
    const token = createToken(id);
    const createdAt = this.clock.now();
    const key = { id, name, scopes, hash: hashOf(token), createdAt, lastUsedAt: undefined, revokedAt: undefined };
    await this.keys.insert(key);
    return { key, token };
  }

  list(): Promise<ApiKey[]> {
    return this.keys.list();
  }

  /** False where there is no such key. */
  revoke(id: string): Promise<boolean> {
    return this.keys.revoke(id);
  }

  /**
   * Whether there is a key, were it a revoked one; `orAsLastSeen`, where the database is away. Throws `database_unavailable`
   * where that is not known.
   */
  async exist(orAsLastSeen = false): Promise<boolean> {
    return (await this.recent(orAsLastSeen)).keys.size > 0;
  }

  /** Returns the holder of the token; undefined if the token is unknown or revoked. Throws as `exist` does. */
  async findHolder(token: string, orAsLastSeen = false): Promise<Caller | undefined> {
    const id = keyIdOf(token);
    if (id === undefined) return undefined;
    const recent = await this.recent(orAsLastSeen);
    const { keys, callers } = recent.keys.has(id) ? recent : await this.readNews();
    const key = keys.get(id);
    if (!key || !isTokenOf(key, token) || key.revokedAt) return undefined;
    this.noteUse(key);
    return callers.get(id);
  }

  /** Returns the name of the key; undefined if there is none. Throws as `exist` does. */
  async nameOf(id: string): Promise<string | undefined> {
    return (await this.recent(false)).keys.get(id)?.name;
  }

  /** A key was revoked: from now on no answer rests on what was read before. */
  readAgain(): void {
    this.staleBefore = this.clock.monotonic();
    // The one under way may have begun before.
    this.reading = undefined;
  }

  private startReading(): Promise<Snapshot> {
    const reading = this.read().finally(() => {
      if (this.reading === reading) this.reading = undefined;
    });
    return reading;
  }

  private async recent(orAsLastSeen: boolean): Promise<Snapshot> {
    const last = this.snapshot;
    const age = last && last.readAt >= this.staleBefore ? this.clock.monotonic() - last.readAt : Infinity;
    if (last && age < REFRESH_AFTER_MS) return last;
    this.reading ??= this.startReading();
    if (last && age < MAX_AGE_MS) {
      this.reading.catch(() => undefined);
      return last;
    }
    return last && orAsLastSeen ? this.reading.catch(() => last) : this.reading;
  }

  /** As the keys are at some moment after this call. */
  private async readNews(): Promise<Snapshot> {
    await this.news.read([]);
    return this.snapshot ?? this.read();
  }

  private async read(): Promise<Snapshot> {
    const readAt = this.clock.monotonic();
    const keys = await withTimeout(this.clock, READ_TIMEOUT_MS, this.keys.list(), databaseUnavailable);
    const snapshot = { readAt, keys: new Map(keys.map((key) => [key.id, key])), callers: holdersOf(keys) };
    // A read that has begun later may have ended sooner.
    if (!this.snapshot || readAt >= this.snapshot.readAt) this.snapshot = snapshot;
    return snapshot;
  }

  /** Once in a while, and beside the request: that it was used is good to know, and no more. */
  private noteUse({ id }: ApiKey): void {
    const now = this.clock.monotonic();
    if (now - (this.used.get(id) ?? -Infinity) < USE_RECORDED_EVERY_MS) return;
    this.used.set(id, now);
    this.keys.recordUse(id).catch(() => this.used.delete(id));
  }
}
