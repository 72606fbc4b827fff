import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, Types } from 'mongoose';
import type { ErasureSource } from '../../bookings/index.js';
import { eraseEntries } from '../decide/erase-entries.js';
import { ENTRIES_OF_USER, EntryRecord } from './entry.schema.js';

/** Finds a user in entries of waitlists. */
@Injectable()
export class EntriesErasure implements ErasureSource {
  readonly rule = eraseEntries;

  constructor(@InjectModel(EntryRecord.name) private readonly entries: Model<EntryRecord>) {}

  async findEventIds(userId: string, limit: number): Promise<string[]> {
    const own = await this.entries
      .find({ userId }, { _id: 0, eventId: 1 })
      .hint(ENTRIES_OF_USER)
      .limit(limit)
      .lean<EntryRecord[]>();
    return own.map(({ eventId }) => eventId.toHexString());
  }

  async eraseAt(eventIds: readonly string[], userId: string, pseudonym: string, limit: number): Promise<number> {
    const own = await this.entries
      .find({ userId, eventId: { $in: eventIds.map((id) => new Types.ObjectId(id)) } }, { _id: 1 })
      .hint(ENTRIES_OF_USER)
      .limit(limit)
      .lean<EntryRecord[]>();
    const erased = await this.entries.updateMany(
      { _id: { $in: own.map(({ _id }) => _id) }, userId },
      { $set: { userId: pseudonym }, $unset: { idempotency: 1 } },
    );
    return erased.modifiedCount;
  }
}
