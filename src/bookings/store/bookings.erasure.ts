import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, Types } from 'mongoose';
import type { ErasureSource } from '../decide/erasure-rule.js';
import { eraseBookings } from '../decide/erase-bookings.js';
import { within } from '../decide/table.js';
import { BookingChangeRecord, CHANGES_FROM_USER } from './booking-change.schema.js';
import { BookingRecord, BOOKINGS_OF_USER } from './booking.schema.js';
import { UserTicketsRecord } from './user-tickets.schema.js';

const BATCH_MAX = 100;

/** Finds a user in bookings and their changes. */
@Injectable()
export class BookingsErasure implements ErasureSource {
  readonly rule = eraseBookings;

  constructor(
    @InjectModel(BookingRecord.name) private readonly bookings: Model<BookingRecord>,
    @InjectModel(BookingChangeRecord.name) private readonly changes: Model<BookingChangeRecord>,
    @InjectModel(UserTicketsRecord.name) private readonly counts: Model<UserTicketsRecord>,
  ) {}

  async findEventIds(userId: string, limit: number): Promise<string[]> {
    while ((await this.fillInGivers()) > 0);
    const own = await this.bookings
      .find({ userId }, { _id: 0, eventId: 1 })
      .hint(BOOKINGS_OF_USER)
      .limit(limit)
      .lean<BookingRecord[]>();
    const given = await this.changes
      .find({ from: userId, kind: 'transferred' }, { _id: 0, from: 1, eventId: 1 })
      .hint(CHANGES_FROM_USER)
      .limit(limit)
      .lean<BookingChangeRecord[]>();
    return [...own, ...given].map(({ eventId }) => eventId.toHexString());
  }

  /** Events that do not exist have imported bookings at most, unless somebody has deleted one from the database by hand. */
  async eraseAt(eventIds: readonly string[], userId: string, pseudonym: string, limit: number): Promise<number> {
    const ofEvents = { eventId: { $in: eventIds.map((id) => new Types.ObjectId(id)) } };
    const given = await this.changes
      .find({ from: userId, ...ofEvents, kind: 'transferred' })
      .hint(CHANGES_FROM_USER)
      .limit(limit)
      .lean<BookingChangeRecord[]>();
    const own = await this.bookings
      .find({ userId, ...ofEvents })
      .hint(BOOKINGS_OF_USER)
      .limit(limit)
      .lean<BookingRecord[]>();
    const bookingIds = { $in: [...own.map(({ _id }) => _id), ...given.map(({ bookingId }) => bookingId)] };
    const notes = { metadata: 1, idempotency: 1 } as const;
    // In this order, so that what is left after a crash is found again: see `eraseBookings`.
    await this.changes.updateMany({ bookingId: bookingIds, 'after.userId': userId }, { 'after.userId': pseudonym });
    await this.bookings.updateMany(
      { _id: bookingIds, $or: [{ 'bought.userId': userId }, { userId, bought: { $exists: false } }] },
      { $unset: notes },
    );
    await this.bookings.updateMany(
      { _id: bookingIds, 'bought.userId': userId },
      { $set: { 'bought.userId': pseudonym } },
    );
    await this.bookings.updateMany({ _id: bookingIds, userId }, { $set: { userId: pseudonym } });
    await this.changes.updateMany({ _id: { $in: given.map(({ _id }) => _id) } }, { $set: { from: pseudonym } });
    await this.counts.deleteMany({ _id: { $in: eventIds.map((eventId) => within(eventId, userId)) } });
    return own.length + given.length;
  }

  /** Writes into transfers who has given the tickets away, where that was not stored yet. Returns how many it has found. */
  private async fillInGivers(): Promise<number> {
    const transfers = await this.changes
      .find({ from: null, kind: 'transferred', $expr: { $eq: [{ $type: '$from' }, 'missing'] } })
      .hint(CHANGES_FROM_USER)
      .limit(BATCH_MAX)
      .lean<BookingChangeRecord[]>();
    for (const { _id, bookingId, number } of transfers) {
      const before = await this.changes
        .findOne({ bookingId, number: { $lt: number } })
        .sort({ number: -1 })
        .lean<BookingChangeRecord>();
      const booking = before ? undefined : await this.bookings.findById(bookingId).lean<BookingRecord>();
      const from = before ? before.after.userId : (booking?.bought?.userId ?? null);
      await this.changes.updateOne({ _id, from: { $exists: false } }, { $set: { from } });
    }
    return transfers.length;
  }
}
