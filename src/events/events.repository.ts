import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import type { Instant } from '../common/clock.js';
import type { Position } from '../common/page.js';
import { afterPosition, insertAll, isDuplicateIn, Outdated, type Tx } from '../platform/database/index.js';
import type { Event, EventConfiguration } from './event.js';
import { eventsCollection } from './events.collections.js';
import { toEvent, toRecord } from './schemas/event.mapper.js';
import { EventEditRecord, toConfiguration } from './schemas/event-edit.schema.js';
import { EventRecord } from './schemas/event.schema.js';

export interface EventList {
  /** Only events on sale that have tickets left, or have them again once the holds that are overdue by then have ended. */
  readonly onlyAvailableAt: Instant | undefined;
  /** Only what comes after this place. */
  readonly after: Position | undefined;
  readonly limit: number;
}

const WITH_TICKETS = { availableTickets: { $gt: 0 } } as const;
const WITH_HELD = { heldTickets: { $gt: 0 } } as const;
const ON_SALE = { status: 'on_sale' } as const;
const COUNT_MAX = 1_000;

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
    return this.events.collection.countDocuments({ ...ON_SALE, ...WITH_TICKETS, ...ever }, { limit: COUNT_MAX });
  }

  /** At most `limit` events, newest first. */
  async list({ onlyAvailableAt: now, after, limit }: EventList): Promise<Event[]> {
    const available = now !== undefined && {
      ...ON_SALE,
      // Not a plain $or: that of the position stands beside it.
      $and: [{ $or: [WITH_TICKETS, { ...WITH_HELD, nextHoldExpiresAt: { $lte: new Date(now) } }] }],
    };
    const filter: QueryFilter<EventRecord> = { ...available, ...afterPosition('createdAt', after) };
    const query = this.events.find(filter).sort({ createdAt: -1, _id: -1 }).limit(limit);
    // While the newest events are on sale, MongoDB might choose the index of all of them, and keep to it.
    if (available) void query.hint('on_sale');
    const records = await query.lean<EventRecord[]>();
    return records.map(toEvent);
  }
}
