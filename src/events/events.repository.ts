import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import type { Position } from '../common/page.js';
import type { Tx } from '../platform/database/index.js';
import type { Event } from './event.js';
import { toEvent, toRecord } from './schemas/event.mapper.js';
import { EventRecord } from './schemas/event.schema.js';

export interface EventList {
  /** Only events that are on sale and have tickets left. */
  readonly onlyAvailable: boolean;
  /** Only what comes after this place. */
  readonly after: Position | undefined;
  readonly limit: number;
}

@Injectable()
export class EventsRepository {
  constructor(@InjectModel(EventRecord.name) private readonly events: Model<EventRecord>) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  async insert(tx: Tx, event: Event): Promise<void> {
    await this.events.collection.insertOne(toRecord(event), { session: tx.session });
  }

  /** The event as a majority has it; undefined where there is none. */
  async findById(id: string): Promise<Event | undefined> {
    const record = await this.events.findById(id).lean<EventRecord>();
    return record ? toEvent(record) : undefined;
  }

  /** At most `limit` events, newest first. */
  async list({ onlyAvailable, after, limit }: EventList): Promise<Event[]> {
    const filter: QueryFilter<EventRecord> = {
      ...(onlyAvailable && { status: 'on_sale', availableTickets: { $gt: 0 } }),
      ...(after && {
        $or: [{ createdAt: { $lt: after.at } }, { createdAt: after.at, _id: { $lt: new Types.ObjectId(after.id) } }],
      }),
    };
    const records = await this.events.find(filter).sort({ createdAt: -1, _id: -1 }).limit(limit).lean<EventRecord[]>();
    return records.map(toEvent);
  }
}
