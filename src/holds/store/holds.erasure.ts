import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, Types } from 'mongoose';
import type { ErasureSource } from '../../bookings/index.js';
import { eraseHolds } from '../decide/erase-holds.js';
import { HoldRecord, HOLDS_OF_USER } from './hold.schema.js';

/** Finds a user in holds. */
@Injectable()
export class HoldsErasure implements ErasureSource {
  readonly rule = eraseHolds;

  constructor(@InjectModel(HoldRecord.name) private readonly holds: Model<HoldRecord>) {}

  async findEventIds(userId: string, limit: number): Promise<string[]> {
    const own = await this.holds
      .find({ userId }, { _id: 0, eventId: 1 })
      .hint(HOLDS_OF_USER)
      .limit(limit)
      .lean<HoldRecord[]>();
    return own.map(({ eventId }) => eventId.toHexString());
  }

  async eraseAt(eventIds: readonly string[], userId: string, pseudonym: string, limit: number): Promise<number> {
    const own = await this.holds
      .find({ userId, eventId: { $in: eventIds.map((id) => new Types.ObjectId(id)) } }, { _id: 1 })
      .hint(HOLDS_OF_USER)
      .limit(limit)
      .lean<HoldRecord[]>();
    const erased = await this.holds.updateMany(
      { _id: { $in: own.map(({ _id }) => _id) }, userId },
      { $set: { userId: pseudonym }, $unset: { metadata: 1, idempotency: 1 } },
    );
    return erased.modifiedCount;
  }
}
