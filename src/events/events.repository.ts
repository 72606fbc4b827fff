import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, Types } from 'mongoose';
import type { Instant } from '../common/clock.js';
import { insertAll, isDuplicateIn, Outdated, type Tx } from '../platform/database/index.js';
import type { Event, EventConfiguration } from './event.js';
import type { EventFilter, EventPlace, EventSort } from './event-list.js';
import { eventsCollection } from './events.collections.js';
import { toEvent, toRecord } from './schemas/event.mapper.js';
import { EventEditRecord, toConfiguration } from './schemas/event-edit.schema.js';
import { AVAILABLE, conditionOf, orderOf } from './schemas/event-list.query.js';
import { EventRecord } from './schemas/event.schema.js';

export interface EventList {
  readonly filter: EventFilter;
  readonly sort: EventSort;
  /** Only what comes after this place. */
  readonly after: EventPlace | undefined;
  readonly limit: number;
}

const COUNT_MAX = 1_000;
const LIST_TIMEOUT_MS = 5_000;

@Injectable()
export class EventsRepository {
  constructor(
    @InjectModel(EventRecord.name) private readonly events: Model<EventRecord>,
    @InjectModel(EventEditRecord.name) private readonly edits: Model<EventEditRecord>,
  ) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** The event that has the id or the key of `wanted` already, as the transaction sees it. */
  async findMade(tx: Tx, { id, idempotency }: Event): Promise<Event | undefined> {
    const filters = [{ _id: new Types.ObjectId(id) }, ...(idempotency ? [{ 'idempotency.key': idempotency.key }] : [])];
    const record = await this.events.findOne({ $or: filters }, null, { session: tx.session }).lean<EventRecord>();
    return record ? toEvent(record) : undefined;
  }

  /** What the event was before its first edit; undefined if that is not known. */
  async findOpened(tx: Tx, eventId: string): Promise<EventConfiguration | undefined> {
    const first = { eventId: new Types.ObjectId(eventId), version: 2 };
    const record = await this.edits.findOne(first, null, { session: tx.session }).lean<EventEditRecord>();
    return record ? toConfiguration(record.before) : undefined;
  }

  /** Throws Outdated where it was made before, by its id or by its key. */
  async insert(tx: Tx, event: Event): Promise<void> {
    try {
      await insertAll(tx, this.events, [toRecord(event)]);
    } catch (error) {
      throw isDuplicateIn(eventsCollection, error) ? new Outdated() : error;
    }
  }

  /** How many events are on sale with tickets left, up to a limit. */
  countOnSale(): Promise<number> {
    // Without a word of what it is sorted by, MongoDB would not consider the index of what is on sale.
    const ever = { createdAt: { $gte: new Date(0) } };
    return this.events.collection.countDocuments({ ...AVAILABLE, ...ever }, { limit: COUNT_MAX });
  }

  /** At most `limit` events in the order `sort`. A hold that is overdue at `now` gives its tickets back. */
  async list({ filter, sort, after, limit }: EventList, now: Instant): Promise<Event[]> {
    // Nothing is available in another state, and a contradiction fits no index.
    if (filter.onlyAvailable && (filter.status ?? 'on_sale') !== 'on_sale') return [];
    const { sort: by, hint, collation } = orderOf(sort, filter);
    const query = this.events.find(conditionOf(filter, sort, after, now));
    // A rare name may be looked for in all events.
    void query.sort(by).limit(limit).maxTimeMS(LIST_TIMEOUT_MS);
    if (hint !== undefined) void query.hint(hint);
    if (collation) void query.collation(collation);
    const records = await query.lean<EventRecord[]>();
    return records.map(toEvent);
  }
}
