import { Types } from 'mongoose';
import type { Entry } from '../entry.js';
import type { EntryRecord } from './entry.schema.js';

export function toEntry(record: EntryRecord): Entry {
  return {
    id: record._id.toHexString(),
    eventId: record.eventId.toHexString(),
    userId: record.userId,
    quantity: record.quantity,
    sectionId: record.sectionId?.toHexString(),
    number: record.number,
    status: record.status,
    joinedAt: record.joinedAt.getTime(),
    offeredAt: record.offeredAt?.getTime(),
    offerExpiresAt: record.offerExpiresAt?.getTime(),
    idempotency: record.idempotency,
    soldBy: record.soldBy?.toHexString(),
  };
}

export function toEntryRecord(entry: Entry): EntryRecord {
  return {
    _id: new Types.ObjectId(entry.id),
    eventId: new Types.ObjectId(entry.eventId),
    userId: entry.userId,
    quantity: entry.quantity,
    sectionId: entry.sectionId === undefined ? null : new Types.ObjectId(entry.sectionId),
    number: entry.number,
    status: entry.status,
    joinedAt: new Date(entry.joinedAt),
    ...(entry.offeredAt !== undefined && { offeredAt: new Date(entry.offeredAt) }),
    ...(entry.offerExpiresAt !== undefined && { offerExpiresAt: new Date(entry.offerExpiresAt) }),
    ...(entry.idempotency && { idempotency: entry.idempotency }),
    ...(entry.soldBy !== undefined && { soldBy: new Types.ObjectId(entry.soldBy) }),
  };
}
