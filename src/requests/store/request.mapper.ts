import { Types } from 'mongoose';
import type { QueuedCommand } from '../../bookings/index.js';
import type { QueuedRequest } from '../request.js';
import type { RequestRecord } from './request.schema.js';

export function toRequest(record: RequestRecord): QueuedRequest {
  return {
    id: record._id.toHexString(),
    eventId: record.eventId.toHexString(),
    userId: record.userId,
    number: record.number,
    status: record.status,
    kind: record.kind,
    wanted: record.wanted === undefined ? undefined : (JSON.parse(record.wanted) as QueuedCommand),
    requestedAt: record.requestedAt.getTime(),
    endedAt: record.endedAt?.getTime(),
    resultId: record.resultId?.toHexString(),
    problem: record.problem,
    failure: record.failure,
    isToRetry: record.isToRetry,
    idempotency: record.idempotency,
    soldBy: record.soldBy?.toHexString(),
  };
}

export function toRequestRecord(request: QueuedRequest): RequestRecord {
  const { wanted, endedAt, resultId, problem, failure, isToRetry, idempotency, soldBy } = request;
  return {
    _id: new Types.ObjectId(request.id),
    eventId: new Types.ObjectId(request.eventId),
    userId: request.userId,
    number: request.number,
    status: request.status,
    kind: request.kind,
    ...(wanted && { wanted: JSON.stringify(wanted) }),
    requestedAt: new Date(request.requestedAt),
    ...(endedAt !== undefined && { endedAt: new Date(endedAt) }),
    ...(resultId !== undefined && { resultId: new Types.ObjectId(resultId) }),
    ...(problem && { problem }),
    ...(failure !== undefined && { failure }),
    ...(isToRetry && { isToRetry }),
    ...(idempotency && { idempotency }),
    ...(soldBy !== undefined && { soldBy: new Types.ObjectId(soldBy) }),
  };
}
