import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import { assert } from '../common/assert.js';
import type { Position } from '../common/page.js';
import type { Tx } from '../platform/database/index.js';
import type { Booking } from './booking.js';
import { toBooking, toBookingRecord } from './schemas/booking.mapper.js';
import { BookingRecord } from './schemas/booking.schema.js';

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

  /** Those of the bookings that exist, by id, as the transaction sees them. */
  async read(tx: Tx, ids: readonly string[]): Promise<Map<string, Booking>> {
    if (ids.length === 0) return new Map();
    const filter = { _id: { $in: ids.map((id) => new Types.ObjectId(id)) } };
    const records = await this.bookings.find(filter, null, { session: tx.session }).lean<BookingRecord[]>();
    return new Map(records.map((record) => [record._id.toHexString(), toBooking(record)]));
  }

  async insert(tx: Tx, bookings: readonly Booking[]): Promise<void> {
    if (bookings.length === 0) return;
    await this.bookings.collection.insertMany(bookings.map(toBookingRecord), { session: tx.session });
  }

  /** Marks bookings that are confirmed as cancelled; they stay. */
  async cancel(tx: Tx, bookings: readonly Booking[]): Promise<void> {
    for (const { id, cancelledAt } of bookings) {
      const result = await this.bookings.collection.updateOne(
        { _id: new Types.ObjectId(id), status: 'confirmed' },
        { $set: { status: 'cancelled', cancelledAt } },
        { session: tx.session },
      );
      assert(result.matchedCount === 1, `booking ${id} is still confirmed`);
    }
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
    const cursor = this.bookings
      .find(matching(filter, undefined))
      .sort(NEWEST_FIRST)
      .batchSize(STREAM_BATCH_SIZE)
      .lean<BookingRecord>()
      .cursor();
    for await (const record of cursor) yield toBooking(record);
  }
}

function matching({ eventId, userId }: BookingFilter, after: Position | undefined): QueryFilter<BookingRecord> {
  return {
    ...(eventId !== undefined && { eventId: new Types.ObjectId(eventId) }),
    ...(userId !== undefined && { userId }),
    ...(after && {
      $or: [{ bookedAt: { $lt: after.at } }, { bookedAt: after.at, _id: { $lt: new Types.ObjectId(after.id) } }],
    }),
  };
}
