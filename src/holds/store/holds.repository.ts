import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, Types } from 'mongoose';
import { type DocumentStore, insertNew, type Lookup, type StoredChange } from '../../bookings/index.js';
import { assert } from '../../common/assert.js';
import { Clock } from '../../common/clock.js';
import { CoalescedReads } from '../../common/concurrency/coalesced-reads.js';
import type { Position } from '../../common/page.js';
import { isDuplicateIn, Outdated, type Tx, updateAll } from '../../platform/database/index.js';
import { type Hold, HOLDS } from '../hold.js';
import { type Filter, toNameFilters, toUpdates, toUserFilters } from './hold.filters.js';
import { type HoldFilter, toHoldQuery } from './hold-lists.js';
import { toHold, toHoldRecord } from './hold.mapper.js';
import { HoldRecord, HOLDS_OF_USER, REFUNDS_DUE } from './hold.schema.js';
import { holdsCollection } from './holds.collections.js';

const COUNT_MAX = 1_000;

@Injectable()
export class HoldsRepository implements DocumentStore<Hold> {
  readonly table = HOLDS;

  private readonly committed: CoalescedReads<Hold>;

  constructor(
    @InjectModel(HoldRecord.name) private readonly holds: Model<HoldRecord>,
    clock: Clock,
  ) {
    this.committed = new CoalescedReads(clock, (ids) => this.findCommitted(ids));
  }

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** The holds that have one of the ids, keys or payments, the active ones and all of a user, and those that are due and the next one. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<Hold[]> {
    const named = await this.findAny(tx, toNameFilters(lookups));
    const ofUsers = await this.findAny(tx, toUserFilters(lookups), HOLDS_OF_USER);
    const others: Hold[] = [];
    for (const lookup of lookups) {
      if (lookup.by === 'due') others.push(...(await this.findDue(tx, lookup)));
      if (lookup.by === 'owner') others.push(...(await this.findOwned(tx, lookup)));
    }
    return [...named, ...ofUsers, ...others];
  }

  /** Throws Outdated where one of them was made before, by its id or by its key. */
  async insert(tx: Tx, holds: readonly Hold[]): Promise<void> {
    if (holds.length > 0) await insertNew(tx, holdsCollection, this.holds, holds.map(toHoldRecord));
  }

  /** A hold whose state is not the one that was read stays as it is: it can't be confirmed and expired. */
  async update(tx: Tx, changes: readonly StoredChange<Hold>[]): Promise<void> {
    if (changes.length === 0) return;
    const matched = await updateAll(tx, this.holds, toUpdates(changes)).catch((error: unknown) => {
      // A payment that another transaction has settled meanwhile.
      throw isDuplicateIn(holdsCollection, error) ? new Outdated() : error;
    });
    assert(matched === changes.length, 'the holds are as this transaction has read them');
  }

  /** The hold as a majority has it; undefined where there is none. Concurrent callers share one read. */
  async findById(id: string): Promise<Hold | undefined> {
    return (await this.committed.read([id])).get(id.toLowerCase());
  }

  /** At most `limit` holds after the position, newest first. */
  async list(wanted: HoldFilter, after: Position | undefined, limit: number): Promise<Hold[]> {
    const { filter, hint, sort } = toHoldQuery(wanted, after);
    const records = await this.holds.find(filter).hint(hint).sort(sort).limit(limit).lean<HoldRecord[]>();
    return records.map(toHold);
  }

  /** How many holds have a payment that has to be given back, up to a limit. */
  countRefundsDue(): Promise<number> {
    const filter = { isRefundDue: true } as const;
    return this.holds.collection.countDocuments(filter, { hint: REFUNDS_DUE, limit: COUNT_MAX });
  }

  private async findCommitted(ids: readonly string[]): Promise<Map<string, Hold>> {
    const records = await this.holds
      .find({ _id: { $in: ids.map((id) => new Types.ObjectId(id)) } })
      .lean<HoldRecord[]>();
    return new Map(records.map(toHold).map((hold) => [hold.id, hold]));
  }

  private async findDue(tx: Tx, { eventId, value, limit = 1 }: Lookup): Promise<Hold[]> {
    const now = new Date(Number(value));
    const active = { eventId: new Types.ObjectId(eventId), status: 'active' } as const;
    const due = await this.find(tx, { ...active, expiresAt: { $lte: now } }, limit + 1);
    const next = due.length > limit ? [] : await this.find(tx, { ...active, expiresAt: { $gt: now } }, 1);
    return [...due, ...next];
  }

  private async findOwned(tx: Tx, { eventId, value, limit = 1 }: Lookup): Promise<Hold[]> {
    const records = await this.holds
      .find({ userId: value, eventId: new Types.ObjectId(eventId) }, null, { session: tx.session })
      .hint(HOLDS_OF_USER)
      .limit(limit)
      .lean<HoldRecord[]>();
    return records.map(toHold);
  }

  /** With a hint, MongoDB does not plan each of the conditions by itself, which would cost more than their reads. */
  private async findAny(tx: Tx, filters: readonly Filter[], hint?: Record<string, 1 | -1>): Promise<Hold[]> {
    if (filters.length === 0) return [];
    const query = this.holds.find({ $or: [...filters] }, null, { session: tx.session, ...(hint && { hint }) });
    return (await query.lean<HoldRecord[]>()).map(toHold);
  }

  /** In the order of their ends, where there is a limit. */
  private async find(tx: Tx, filter: Filter, limit?: number): Promise<Hold[]> {
    const query = this.holds.find(filter, null, { session: tx.session });
    if (limit !== undefined) void query.sort({ expiresAt: 1 }).limit(limit);
    return (await query.lean<HoldRecord[]>()).map(toHold);
  }
}
