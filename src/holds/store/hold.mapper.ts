import { Types } from 'mongoose';
import { fromItemRecord, toItemRecord } from '../../bookings/index.js';
import { fromPairs, toPairs } from '../../common/pairs.js';
import { type Hold, isRefundDue, type Settlement } from '../hold.js';
import type { HoldRecord, SettlementRecord } from './hold.schema.js';

export function toHold(record: HoldRecord): Hold {
  return {
    id: record._id.toHexString(),
    eventId: record.eventId.toHexString(),
    userId: record.userId,
    items: record.items.map(fromItemRecord),
    quantity: record.quantity,
    status: record.status,
    createdAt: record.createdAt.getTime(),
    ttlSeconds: record.ttlSeconds,
    expiresAt: record.expiresAt.getTime(),
    reference: record.reference,
    metadata: fromPairs(record.metadata),
    idempotency: record.idempotency,
    soldBy: record.soldBy?.toHexString(),
    settlements: (record.settlements ?? []).map(toSettlement),
    isOffer: record.isOffer === true,
  };
}

export function toHoldRecord(hold: Hold): HoldRecord {
  return {
    _id: new Types.ObjectId(hold.id),
    eventId: new Types.ObjectId(hold.eventId),
    userId: hold.userId,
    items: hold.items.map(toItemRecord),
    quantity: hold.quantity,
    status: hold.status,
    createdAt: new Date(hold.createdAt),
    ttlSeconds: hold.ttlSeconds,
    expiresAt: new Date(hold.expiresAt),
    ...(hold.reference !== undefined && { reference: hold.reference }),
    ...(hold.metadata && { metadata: toPairs(hold.metadata) }),
    ...(hold.idempotency && { idempotency: hold.idempotency }),
    ...(hold.soldBy !== undefined && { soldBy: new Types.ObjectId(hold.soldBy) }),
    ...(hold.settlements.length > 0 && { settlements: hold.settlements.map(toSettlementRecord) }),
    ...(hold.isOffer && { isOffer: true }),
    ...(hold.settlements.some(isRefundDue) && { isRefundDue: true }),
  };
}

function toSettlement({ by, reference, outcome, reason, at, settledAt }: SettlementRecord): Settlement {
  return { by, reference, outcome, reason, at: at.getTime(), settledAt: settledAt?.getTime() };
}

function toSettlementRecord({ by, reference, outcome, reason, at, settledAt }: Settlement): SettlementRecord {
  return {
    by,
    reference,
    outcome,
    ...(reason !== undefined && { reason }),
    at: new Date(at),
    ...(settledAt !== undefined && { settledAt: new Date(settledAt) }),
  };
}
