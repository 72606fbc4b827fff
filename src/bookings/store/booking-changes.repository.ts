import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, type QueryOptions, Types } from 'mongoose';
import { assert } from '../../common/assert.js';
import { type Tx, updateAll } from '../../platform/database/index.js';
import type { Line } from '../booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../booking-change.js';
import type { Lookup } from '../decide/lookup.js';
import {
  BookingChangeRecord,
  CHANGES_FROM_USER,
  CHANGES_OF_BOOKING,
  type LineRecord,
} from './booking-change.schema.js';
import { bookingChangesCollection } from './bookings.collections.js';
import type { DocumentStore, StoredChange } from './document-store.js';
import { insertNew } from './insert-new.js';

/** Keeps what happened to bookings after they were made. */
@Injectable()
export class BookingChangesRepository implements DocumentStore<BookingChange> {
  readonly table = BOOKING_CHANGES;

  constructor(@InjectModel(BookingChangeRecord.name) private readonly changes: Model<BookingChangeRecord>) {}

  /** The changes that have one of the ids, or one of the keys of their bookings; and those that name a user. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<BookingChange[]> {
    const records: BookingChangeRecord[] = [];
    for (const { filter, options } of toQueries(lookups)) {
      const query = this.changes.find(filter, null, { ...options, session: tx.session });
      records.push(...(await query.lean<BookingChangeRecord[]>()));
    }
    return records.map(toChange);
  }

  /** Throws Outdated where one of them was made before, by its id, its number or its key. */
  async insert(tx: Tx, changes: readonly BookingChange[]): Promise<void> {
    if (changes.length > 0) await insertNew(tx, bookingChangesCollection, this.changes, changes.map(toRecord));
  }

  /** Only the users in it change. */
  async update(tx: Tx, changes: readonly StoredChange<BookingChange>[]): Promise<void> {
    if (changes.length === 0) return;
    const updates = changes.map(({ before, after }) => ({
      filter: { _id: new Types.ObjectId(before.id), 'after.userId': before.after.userId },
      update: { $set: { 'after.userId': after.after.userId, ...(after.from !== undefined && { from: after.from }) } },
    }));
    const matched = await updateAll(tx, this.changes, updates);
    assert(matched === changes.length, 'the changes are as this transaction has read them');
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

interface Query {
  readonly filter: QueryFilter<BookingChangeRecord>;
  readonly options?: QueryOptions<BookingChangeRecord>;
}

function toQueries(lookups: readonly Lookup[]): Query[] {
  const named = lookups.filter(({ by }) => by === 'id' || by === 'key').map(toFilter);
  return [
    ...(named.length > 0 ? [{ filter: { $or: named } }] : []),
    ...lookups.filter(({ by }) => by === 'from').map(toGiven),
    ...toReceived(lookups.filter(({ by }) => by === 'receiver')),
  ];
}

function toFilter({ by, value }: Lookup): QueryFilter<BookingChangeRecord> {
  if (by === 'id') return { _id: new Types.ObjectId(value) };
  const { bookingId, name: key } = split(value);
  return { bookingId, 'idempotency.key': key };
}

/** What a user has given away. */
function toGiven({ eventId, value, limit = 1 }: Lookup): Query {
  const filter = { from: value, eventId: new Types.ObjectId(eventId), kind: 'transferred' as const };
  return { filter, options: { hint: CHANGES_FROM_USER, limit } };
}

/** The changes of bookings after which a user had them: one query for each user. */
function toReceived(lookups: readonly Lookup[]): Query[] {
  const users = new Map<string, { readonly bookingIds: Types.ObjectId[]; readonly limit: number }>();
  for (const { value, limit = 1 } of lookups) {
    const { bookingId, name: userId } = split(value);
    const known = users.get(userId);
    if (known) known.bookingIds.push(bookingId);
    else users.set(userId, { bookingIds: [bookingId], limit });
  }
  return [...users].map(([userId, { bookingIds, limit }]) => ({
    filter: { bookingId: { $in: bookingIds }, 'after.userId': userId },
    options: { hint: CHANGES_OF_BOOKING, limit },
  }));
}

/** The parts of "<bookingId>/<name>". */
function split(value: string): { readonly bookingId: Types.ObjectId; readonly name: string } {
  return { bookingId: new Types.ObjectId(value.slice(0, 24)), name: value.slice(25) };
}

function toChange({ _id, bookingId, eventId, at, lines, after, ...rest }: BookingChangeRecord): BookingChange {
  const { number, kind, reason, by, idempotency, from } = rest;
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
    from,
    after: { userId: after.userId, lines: after.lines.map(toLine) },
  };
}

function toRecord({ id, bookingId, eventId, at, lines, after, ...rest }: BookingChange): BookingChangeRecord {
  const { number, kind, reason, by, idempotency, from } = rest;
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
    ...(from !== undefined && { from }),
    after: { userId: after.userId, lines: after.lines.map(toLineRecord) },
  };
}

function toLine({ sectionId, quantity }: LineRecord): Line {
  return { sectionId: sectionId?.toHexString(), quantity };
}

function toLineRecord({ sectionId, quantity }: Line): LineRecord {
  return { ...(sectionId !== undefined && { sectionId: new Types.ObjectId(sectionId) }), quantity };
}
