import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import { type DocumentStore, insertNew, type Lookup, setChanged, type StoredChange } from '../../bookings/index.js';
import { assert } from '../../common/assert.js';
import type { Instant } from '../../common/clock.js';
import type { Position } from '../../common/page.js';
import { isDuplicateIn, Outdated, type Tx, updateAll } from '../../platform/database/index.js';
import { type Hold, HOLDS, type Payment } from '../hold.js';
import { type HoldFilter, toHoldQuery } from './hold-lists.js';
import { toHold, toHoldRecord } from './hold.mapper.js';
import { HoldRecord, REFUNDS_DUE } from './hold.schema.js';
import { holdsCollection } from './holds.collections.js';

const COUNT_MAX = 1_000;

type Filter = QueryFilter<HoldRecord>;

@Injectable()
export class HoldsRepository implements DocumentStore<Hold> {
  readonly table = HOLDS;

  constructor(@InjectModel(HoldRecord.name) private readonly holds: Model<HoldRecord>) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** The holds that have one of the ids, keys or payments, those of a user, and those that are due and the next one. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<Hold[]> {
    const byName = lookups.map(toFilter).filter((filter): filter is Filter => filter !== undefined);
    const named = byName.length > 0 ? await this.find(tx, { $or: byName }) : [];
    const due: Hold[] = [];
    for (const lookup of lookups) {
      if (lookup.by === 'due') due.push(...(await this.findDue(tx, lookup)));
    }
    return [...named, ...due];
  }

  /** Throws Outdated where one of them was made before, by its id or by its key. */
  async insert(tx: Tx, holds: readonly Hold[]): Promise<void> {
    if (holds.length > 0) await insertNew(tx, holdsCollection, this.holds, holds.map(toHoldRecord));
  }

  /** A hold whose state is not the one that was read stays as it is: it can't be confirmed and expired. */
  async update(tx: Tx, changes: readonly StoredChange<Hold>[]): Promise<void> {
    if (changes.length === 0) return;
    const updates = changes.map(({ before, after }) => ({
      filter: { _id: new Types.ObjectId(before.id), status: before.status, expiresAt: new Date(before.expiresAt) },
      update: setChanged(toHoldRecord(before), toHoldRecord(after)),
    }));
    const matched = await updateAll(tx, this.holds, updates).catch((error: unknown) => {
      // A payment that another transaction has settled meanwhile.
      throw isDuplicateIn(holdsCollection, error) ? new Outdated() : error;
    });
    assert(matched === changes.length, 'the holds are as this transaction has read them');
  }

  /** The hold as a majority has it; undefined where there is none. */
  async findById(id: string): Promise<Hold | undefined> {
    const record = await this.holds.findById(id).lean<HoldRecord>();
    return record ? toHold(record) : undefined;
  }

  /** At most `limit` holds after the position, newest first. */
  async list(wanted: HoldFilter, after: Position | undefined, limit: number): Promise<Hold[]> {
    const { filter, hint } = toHoldQuery(wanted, after);
    const records = await this.holds
      .find(filter)
      .hint(hint)
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit)
      .lean<HoldRecord[]>();
    return records.map(toHold);
  }

  /** The first active holds that ended after `after` and until `until`, in the order of their ends. */
  async findOverdue(after: Instant, until: Instant, limit: number): Promise<Pick<Hold, 'eventId' | 'expiresAt'>[]> {
    const records = await this.holds
      .find({ status: 'active', expiresAt: { $gt: new Date(after), $lte: new Date(until) } })
      .sort({ expiresAt: 1 })
      .limit(limit)
      .lean<HoldRecord[]>();
    return records.map(toHold);
  }

  /** How many holds have a payment that has to be given back, up to a limit. */
  countRefundsDue(): Promise<number> {
    const filter = { isRefundDue: true } as const;
    return this.holds.collection.countDocuments(filter, { hint: REFUNDS_DUE, limit: COUNT_MAX });
  }

  private async findDue(tx: Tx, { eventId, value, limit = 1 }: Lookup): Promise<Hold[]> {
    const now = new Date(Number(value));
    const active = { eventId: new Types.ObjectId(eventId), status: 'active' } as const;
    const due = await this.find(tx, { ...active, expiresAt: { $lte: now } }, limit + 1);
    const next = due.length > limit ? [] : await this.find(tx, { ...active, expiresAt: { $gt: now } }, 1);
    return [...due, ...next];
  }

  /** In the order of their ends, where there is a limit. */
  private async find(tx: Tx, filter: Filter, limit?: number): Promise<Hold[]> {
    const query = this.holds.find(filter, null, { session: tx.session });
    if (limit !== undefined) void query.sort({ expiresAt: 1 }).limit(limit);
    return (await query.lean<HoldRecord[]>()).map(toHold);
  }
}

function toFilter({ by, eventId, value }: Lookup): Filter | undefined {
  switch (by) {
    case 'id':
      return { _id: new Types.ObjectId(value) };
    case 'key':
      return { eventId: new Types.ObjectId(eventId), 'idempotency.key': value };
    case 'payment': {
      const { by: name, reference } = JSON.parse(value) as Payment;
      // The draft knows each by its name: a name of one settlement and a reference of another are no match there.
      return { 'settlements.by': name, 'settlements.reference': reference };
    }
    case 'user':
      // Few: there is a limit for each user.
      return { eventId: new Types.ObjectId(eventId), userId: value, status: 'active' };
    default:
      return undefined;
  }
}
