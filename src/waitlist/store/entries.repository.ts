import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import { type DocumentStore, insertNew, type Lookup, type StoredChange, toAlikeUpdates } from '../../bookings/index.js';
import { assert } from '../../common/assert.js';
import { nativeDb, type Tx, updateAll } from '../../platform/database/index.js';
import type { QueueQuery } from '../decide/queue.js';
import { ENTRIES, type Entry } from '../entry.js';
import { toEntry, toEntryRecord } from './entry.mapper.js';
import { type EntryFilter, toEntryQuery } from './entry-lists.js';
import { ENTRIES_OF_USER, EntryRecord, QUEUE } from './entry.schema.js';
import { waitlistCollection } from './waitlist.collections.js';

type Filter = QueryFilter<EntryRecord>;

/** A position is counted up to here. */
export const COUNT_MAX = 1_000;

@Injectable()
export class EntriesRepository implements DocumentStore<Entry> {
  readonly table = ENTRIES;

  constructor(@InjectModel(EntryRecord.name) private readonly entries: Model<EntryRecord>) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** The entries that have one of the ids or keys, those of a user (not over, or all), and the first ones of a pool. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<Entry[]> {
    const named = lookups.filter(({ by }) => by !== 'pool' && by !== 'owner').map(toFilter);
    const found = named.length === 0 ? [] : await this.find(tx, { $or: named });
    for (const lookup of lookups.filter(({ by }) => by === 'pool')) found.push(...(await this.findFirst(tx, lookup)));
    for (const lookup of lookups.filter(({ by }) => by === 'owner')) found.push(...(await this.findOwned(tx, lookup)));
    return found;
  }

  /** Throws Outdated where one of them was made before, by its id, its number or its key. */
  async insert(tx: Tx, entries: readonly Entry[]): Promise<void> {
    if (entries.length > 0) await insertNew(tx, waitlistCollection, this.entries, entries.map(toEntryRecord));
  }

  /** An entry whose state is not the one that was read stays as it is. */
  async update(tx: Tx, changes: readonly StoredChange<Entry>[]): Promise<void> {
    if (changes.length === 0) return;
    const matched = await updateAll(tx, this.entries, toAlikeUpdates(changes, toEntryRecord));
    assert(matched === changes.length, 'the entries are as this transaction has read them');
  }

  /** The entry of this event as a majority has it; undefined where there is none. */
  async findById(eventId: string, id: string): Promise<Entry | undefined> {
    const record = await this.entries
      .findOne({ _id: new Types.ObjectId(id), eventId: new Types.ObjectId(eventId) })
      .lean<EntryRecord>();
    return record ? toEntry(record) : undefined;
  }

  /** At most `limit` entries after the number, in the order of the waitlist. */
  async list(wanted: EntryFilter, after: number, limit: number): Promise<Entry[]> {
    const query = toEntryQuery(wanted, after);
    if (!query) return [];
    const { filter, hint } = query;
    const records = await this.entries.find(filter).hint(hint).sort({ number: 1 }).limit(limit).lean<EntryRecord[]>();
    return records.map(toEntry);
  }

  /** How many wait for the same pool before this entry, from `after` on; no more than `COUNT_MAX` are counted. */
  countBefore({ eventId, sectionId, number }: Entry, after: number, maxQuantity: number): Promise<number> {
    const filter = {
      eventId: new Types.ObjectId(eventId),
      sectionId: toSectionId(sectionId),
      status: 'waiting',
      // One range of the index for each.
      quantity: { $in: Array.from({ length: maxQuantity }, (_, index) => index + 1) },
      number: { $gt: after, $lt: number },
    };
    return this.entries.collection.countDocuments(filter, { hint: QUEUE, limit: COUNT_MAX });
  }

  private async find(tx: Tx, filter: Filter): Promise<Entry[]> {
    const records = await this.entries.find(filter, null, { session: tx.session }).lean<EntryRecord[]>();
    return records.map(toEntry);
  }

  private async findOwned(tx: Tx, { eventId, value, limit = 1 }: Lookup): Promise<Entry[]> {
    const records = await this.entries
      .find({ userId: value, eventId: new Types.ObjectId(eventId) }, null, { session: tx.session })
      .hint(ENTRIES_OF_USER)
      .limit(limit)
      .lean<EntryRecord[]>();
    return records.map(toEntry);
  }

  /** Of each quantity, the first ones: each is the beginning of a range of the index. One command for all of them. */
  private async findFirst(tx: Tx, { eventId, value }: Lookup): Promise<Entry[]> {
    const { sectionId, after, limits } = JSON.parse(value) as QueueQuery;
    const id = new Types.ObjectId(eventId);
    const ofPool = { eventId: id, sectionId: toSectionId(sectionId), status: 'waiting', number: { $gt: after } };
    const lookups = limits.map(({ quantity, limit }) => ({
      $lookup: {
        from: waitlistCollection.name,
        pipeline: [{ $match: { ...ofPool, quantity } }, { $sort: { number: 1 } }, { $limit: limit }],
        as: `first${quantity}`,
      },
    }));
    const [first = {}] = await nativeDb(this.entries.db)
      .collection('events')
      .aggregate<Record<string, EntryRecord[]>>(
        [{ $match: { _id: id } }, { $project: { _id: 0, none: [] } }, ...lookups],
        {
          session: tx.session,
        },
      )
      .toArray();
    return Object.values(first).flat().map(toEntry);
  }
}

function toFilter({ eventId, by, value }: Lookup): Filter {
  const ofEvent = { eventId: new Types.ObjectId(eventId) };
  if (by === 'id') return { _id: new Types.ObjectId(value), ...ofEvent };
  if (by === 'key') return { ...ofEvent, 'idempotency.key': value };
  return { userId: value, ...ofEvent, status: { $in: ['waiting', 'offered'] } };
}

function toSectionId(sectionId: string | undefined): Types.ObjectId | null {
  return sectionId === undefined ? null : new Types.ObjectId(sectionId);
}
