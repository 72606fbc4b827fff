import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import { assert } from '../../common/assert.js';
import type { Tx } from '../../platform/database/index.js';
import type { Line } from '../booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../booking-change.js';
import type { Lookup } from '../decide/lookup.js';
import { BookingChangeRecord, type LineRecord } from './booking-change.schema.js';
import { bookingChangesCollection } from './bookings.collections.js';
import type { DocumentStore } from './document-store.js';
import { insertNew } from './insert-new.js';

/** Keeps what happened to bookings after they were made. */
@Injectable()
export class BookingChangesRepository implements DocumentStore<BookingChange> {
  readonly table = BOOKING_CHANGES;

  constructor(@InjectModel(BookingChangeRecord.name) private readonly changes: Model<BookingChangeRecord>) {}

  /** The changes that have one of the ids, or one of the keys of their bookings. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<BookingChange[]> {
    const filter = { $or: lookups.map(toFilter) };
    const records = await this.changes.find(filter, null, { session: tx.session }).lean<BookingChangeRecord[]>();
    return records.map(toChange);
  }

  /** Throws Outdated where one of them was made before, by its id, its number or its key. */
  async insert(tx: Tx, changes: readonly BookingChange[]): Promise<void> {
    if (changes.length > 0) await insertNew(tx, bookingChangesCollection, this.changes, changes.map(toRecord));
  }

  /** What happened is never changed. */
  update(_tx: Tx, changes: readonly unknown[]): Promise<void> {
    assert(changes.length === 0, 'a change is written once');
    return Promise.resolve();
  }

  /** At most `limit` changes of the booking after the one with this number, oldest first, as a majority has them. */
  async list(bookingId: string, after: number, limit: number): Promise<BookingChange[]> {
    const records = await this.changes
      .find({ bookingId: new Types.ObjectId(bookingId), number: { $gt: after } })
      .sort({ number: 1 })
      .limit(limit)
      .lean<BookingChangeRecord[]>();
    return records.map(toChange);
  }
}

function toFilter({ by, value }: Lookup): QueryFilter<BookingChangeRecord> {
  if (by === 'id') return { _id: new Types.ObjectId(value) };
  // "<bookingId>/<key>"
  const [bookingId, key] = [value.slice(0, 24), value.slice(25)];
  return { bookingId: new Types.ObjectId(bookingId), 'idempotency.key': key };
}

function toChange({ _id, bookingId, eventId, at, lines, after, ...rest }: BookingChangeRecord): BookingChange {
  const { number, kind, reason, by, idempotency } = rest;
  return {
    id: _id.toHexString(),
    bookingId: bookingId.toHexString(),
    eventId: eventId.toHexString(),
    number,
    kind,
    at: at.getTime(),
    lines: lines.map(toLine),
    reason,
    by,
    idempotency,
    after: { userId: after.userId, lines: after.lines.map(toLine) },
  };
}

function toRecord({ id, bookingId, eventId, at, lines, after, ...rest }: BookingChange): BookingChangeRecord {
  const { number, kind, reason, by, idempotency } = rest;
  return {
    _id: new Types.ObjectId(id),
    bookingId: new Types.ObjectId(bookingId),
    eventId: new Types.ObjectId(eventId),
    number,
    kind,
    at: new Date(at),
    lines: lines.map(toLineRecord),
    ...(reason !== undefined && { reason }),
    ...(by !== undefined && { by }),
    ...(idempotency && { idempotency }),
    after: { userId: after.userId, lines: after.lines.map(toLineRecord) },
  };
}

function toLine({ sectionId, quantity }: LineRecord): Line {
  return { sectionId: sectionId?.toHexString(), quantity };
}

function toLineRecord({ sectionId, quantity }: Line): LineRecord {
  return { ...(sectionId !== undefined && { sectionId: new Types.ObjectId(sectionId) }), quantity };
}
