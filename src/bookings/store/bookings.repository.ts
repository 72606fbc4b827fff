import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import { assert } from '../../common/assert.js';
import type { Position } from '../../common/page.js';
import { insertAll, isDuplicate, Outdated, type Tx, updateAll } from '../../platform/database/index.js';
import type { Booking } from '../booking.js';
import { within } from '../decide/draft.js';
import type { InEvent } from '../decide/lookups.js';
import { toBooking, toBookingRecord } from './booking.mapper.js';
import { BookingRecord } from './booking.schema.js';

export interface BookingFilter {
  readonly eventId: string | undefined;
  readonly userId: string | undefined;
}

const STREAM_BATCH_SIZE = 500;
const NEWEST_FIRST = { bookedAt: -1, _id: -1 } as const;

@Injectable()
export class BookingsRepository {
  constructor(@InjectModel(BookingRecord.name) private readonly bookings: Model<BookingRecord>) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** The bookings, by id, that have one of these ids or were made with one of these keys, as the transaction sees them. */
  async read(tx: Tx, ids: readonly string[], keys: readonly InEvent[]): Promise<Map<string, Booking>> {
    const filters: QueryFilter<BookingRecord>[] = [
      ...(ids.length > 0 ? [{ _id: { $in: ids.map((id) => new Types.ObjectId(id)) } }] : []),
      ...[...groupByEvent(keys)].map(([eventId, names]) => ({
        eventId: new Types.ObjectId(eventId),
        'idempotency.key': { $in: names },
      })),
    ];
    if (filters.length === 0) return new Map();
    const records = await this.bookings.find({ $or: filters }, null, { session: tx.session }).lean<BookingRecord[]>();
    return new Map(records.map((record) => [record._id.toHexString(), toBooking(record)]));
  }

  /** How many tickets these users have of these events, by `within`, as the transaction sees them. */
  async countTickets(tx: Tx, users: readonly InEvent[]): Promise<Map<string, number>> {
    if (users.length === 0) return new Map();
    const sums = await this.bookings.collection
      .aggregate<{ _id: { eventId: Types.ObjectId; userId: string }; tickets: number }>(
        [
          {
            $match: {
              $or: [...groupByEvent(users)].map(([eventId, names]) => ({
                eventId: new Types.ObjectId(eventId),
                userId: { $in: names },
                status: 'confirmed',
              })),
            },
          },
          { $group: { _id: { eventId: '$eventId', userId: '$userId' }, tickets: { $sum: '$quantity' } } },
        ],
        { session: tx.session },
      )
      .toArray();
    return new Map(sums.map(({ _id, tickets }) => [within(_id.eventId.toHexString(), _id.userId), tickets]));
  }

  /** Throws Outdated where one of them was made before, by its id or by its key. */
  async insert(tx: Tx, bookings: readonly Booking[]): Promise<void> {
    if (bookings.length === 0) return;
    try {
      await insertAll(tx, this.bookings, bookings.map(toBookingRecord));
    } catch (error) {
      throw isDuplicate(error) ? new Outdated() : error;
    }
  }

  /** Marks bookings that are confirmed as cancelled; they stay. */
  async cancel(tx: Tx, bookings: readonly Booking[]): Promise<void> {
    if (bookings.length === 0) return;
    const updates = bookings.map(({ id, cancelledAt }) => ({
      filter: { _id: new Types.ObjectId(id), status: 'confirmed' },
      update: { $set: { status: 'cancelled', cancelledAt } },
    }));
    const matched = await updateAll(tx, this.bookings, updates);
    assert(matched === bookings.length, 'the bookings are still confirmed');
  }

  /** The booking as a majority has it; undefined where there is none. */
  async findById(id: string): Promise<Booking | undefined> {
    const record = await this.bookings.findById(id).lean<BookingRecord>();
    return record ? toBooking(record) : undefined;
  }

  /** At most `limit` bookings after the position, newest first. */
  async list(filter: BookingFilter, after: Position | undefined, limit: number): Promise<Booking[]> {
    const records = await this.bookings
      .find(matching(filter, after))
      .sort(NEWEST_FIRST)
      .limit(limit)
      .lean<BookingRecord[]>();
    return records.map(toBooking);
  }

  /** Every booking, newest first, a batch in memory at a time. */
  async *all(filter: BookingFilter): AsyncGenerator<Booking> {
    // The driver's own cursor: it is closed when whoever takes the bookings stops before the last of them.
    const cursor = this.bookings.collection
      .find<BookingRecord>(matching(filter, undefined))
      .sort(NEWEST_FIRST)
      .batchSize(STREAM_BATCH_SIZE);
    for await (const record of cursor) yield toBooking(record);
  }
}

function groupByEvent(all: readonly InEvent[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { eventId, name } of all) groups.set(eventId, [...(groups.get(eventId) ?? []), name]);
  return groups;
}

function matching({ eventId, userId }: BookingFilter, after: Position | undefined) {
  return {
    ...(eventId !== undefined && { eventId: new Types.ObjectId(eventId) }),
    ...(userId !== undefined && { userId }),
    ...(after && {
      $or: [{ bookedAt: { $lt: after.at } }, { bookedAt: after.at, _id: { $lt: new Types.ObjectId(after.id) } }],
    }),
  };
}
