import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import { assert } from '../../common/assert.js';
import type { Position } from '../../common/page.js';
import { afterPosition, type Tx, updateAll } from '../../platform/database/index.js';
import type { Instant } from '../../common/clock.js';
import { type Booking, BOOKINGS, type BookingStatus } from '../booking.js';
import type { Lookup } from '../decide/lookup.js';
import type { DocumentStore, StoredChange } from './document-store.js';
import { toBooking, toBookingRecord } from './booking.mapper.js';
import { BookingRecord, BOOKINGS_OF_EVENT, BOOKINGS_OF_USER } from './booking.schema.js';
import { bookingsCollection } from './bookings.collections.js';
import { insertNew } from './insert-new.js';
import { setChanged } from './set-changed.js';

export interface BookingFilter {
  readonly eventId?: string | undefined;
  readonly userId?: string | undefined;
  readonly reference?: string | undefined;
  readonly status?: BookingStatus | undefined;
  /** From this moment on. */
  readonly bookedFrom?: Instant | undefined;
  /** Before this moment. */
  readonly bookedTo?: Instant | undefined;
}

/** What is left of it can be cancelled. */
export type ConfirmedBooking = Pick<Booking, 'id' | 'userId' | 'bookedAt'>;

const STREAM_BATCH_SIZE = 500;
const NEWEST_FIRST = { bookedAt: -1, _id: -1 } as const;
const OLDEST_FIRST = { bookedAt: 1, _id: 1 } as const;

@Injectable()
export class BookingsRepository implements DocumentStore<Booking> {
  readonly table = BOOKINGS;

  constructor(@InjectModel(BookingRecord.name) private readonly bookings: Model<BookingRecord>) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** The bookings that have one of the ids or keys looked up, or are a user's, as the transaction sees them. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<Booking[]> {
    const ids = lookups.filter(({ by }) => by === 'id').map(({ value }) => new Types.ObjectId(value));
    const keys = lookups.filter(({ by }) => by === 'key');
    const filters: QueryFilter<BookingRecord>[] = [
      ...(ids.length > 0 ? [{ _id: { $in: ids } }] : []),
      ...[...groupByEvent(keys)].map(([eventId, values]) => ({
        eventId: new Types.ObjectId(eventId),
        'idempotency.key': { $in: values },
      })),
    ];
    const named =
      filters.length > 0
        ? await this.bookings.find({ $or: filters }, null, { session: tx.session }).lean<BookingRecord[]>()
        : [];
    const ofUsers: BookingRecord[] = [];
    for (const lookup of lookups) {
      if (lookup.by === 'user') ofUsers.push(...(await this.findOfUser(tx, lookup)));
    }
    return [...named, ...ofUsers].map(toBooking);
  }

  /** Throws Outdated where one of them was made before, by its id or by its key. */
  async insert(tx: Tx, bookings: readonly Booking[]): Promise<void> {
    if (bookings.length === 0) return;
    await insertNew(tx, bookingsCollection, this.bookings, bookings.map(toBookingRecord));
  }

  /** Writes the members that have changed; a booking whose state is not the one that was read stays as it is. */
  async update(tx: Tx, changes: readonly StoredChange<Booking>[]): Promise<void> {
    if (changes.length === 0) return;
    const updates = changes.map(({ before, after }) => ({
      filter: { _id: new Types.ObjectId(before.id), status: before.status, quantity: before.quantity },
      update: setChanged(toBookingRecord(before), toBookingRecord(after)),
    }));
    const matched = await updateAll(tx, this.bookings, updates);
    assert(matched === changes.length, 'the bookings are as this transaction has read them');
  }

  private findOfUser(tx: Tx, { eventId, value, limit = 1 }: Lookup): Promise<BookingRecord[]> {
    return this.bookings
      .find({ userId: value, eventId: new Types.ObjectId(eventId) }, null, { session: tx.session })
      .hint(BOOKINGS_OF_USER)
      .limit(limit)
      .lean<BookingRecord[]>();
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

  /** At most `limit` confirmed bookings of the event after this one, oldest first, as a majority has them. */
  async findConfirmed(
    eventId: string,
    after: ConfirmedBooking | undefined,
    limit: number,
  ): Promise<ConfirmedBooking[]> {
    const records = await this.bookings
      .find({ ...confirmedOf(eventId), ...(after && isAfter(after)) }, { userId: 1, bookedAt: 1 })
      .hint(BOOKINGS_OF_EVENT)
      .sort(OLDEST_FIRST)
      .limit(limit)
      .lean<BookingRecord[]>();
    return records.map(({ _id, userId, bookedAt }) => {
      return { id: _id.toHexString(), userId, bookedAt: bookedAt.getTime() };
    });
  }

  /** How many confirmed bookings the event has, as a majority has them. Reads the index alone. */
  countConfirmed(eventId: string): Promise<number> {
    return this.bookings.collection.countDocuments(confirmedOf(eventId), { hint: BOOKINGS_OF_EVENT });
  }

  /** Every booking, newest first, a batch in memory at a time. */
  async *all(filter: BookingFilter): AsyncGenerator<Booking> {
    // The driver's own cursor: it is closed when the consumer stops before the last booking.
    const cursor = this.bookings.collection
      .find<BookingRecord>(matching(filter, undefined))
      .sort(NEWEST_FIRST)
      .batchSize(STREAM_BATCH_SIZE);
    for await (const record of cursor) yield toBooking(record);
  }
}

function confirmedOf(eventId: string) {
  return { eventId: new Types.ObjectId(eventId), status: 'confirmed' as const };
}

/** Both branches are ranges of the index: many imported bookings may have the same moment. */
function isAfter({ bookedAt, id }: ConfirmedBooking) {
  const at = new Date(bookedAt);
  return { $or: [{ bookedAt: at, _id: { $gt: new Types.ObjectId(id) } }, { bookedAt: { $gt: at } }] };
}

function groupByEvent(lookups: readonly Lookup[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { eventId, value } of lookups) groups.set(eventId, [...(groups.get(eventId) ?? []), value]);
  return groups;
}

function matching(filter: BookingFilter, after: Position | undefined) {
  const { eventId, userId, reference, status, bookedFrom, bookedTo } = filter;
  const bookedAt = {
    ...(bookedFrom !== undefined && { $gte: new Date(bookedFrom) }),
    ...(bookedTo !== undefined && { $lt: new Date(bookedTo) }),
  };
  return {
    ...(eventId !== undefined && { eventId: new Types.ObjectId(eventId) }),
    ...(userId !== undefined && { userId }),
    ...(reference !== undefined && { reference }),
    ...(status !== undefined && { status }),
    ...(Object.keys(bookedAt).length > 0 && { bookedAt }),
    ...afterPosition('bookedAt', after),
  };
}
