import { type mongo, type QueryFilter, Types } from 'mongoose';
import type { Instant } from '../../common/clock.js';
import type { Position } from '../../common/page.js';
import { HOLD_STATUSES, type HoldStatus } from '../hold-states.js';
import { HOLDS_BY_STATUS, type HoldRecord, HOLDS_OF_EVENT, HOLDS_OF_USER, REFUNDS_DUE } from './hold.schema.js';

/** Which holds a list has. It has either a status or only refunds that are due: no index serves both. */
export interface HoldFilter {
  readonly eventId: string | undefined;
  readonly userId: string | undefined;
  /** As the holds are shown at `now`. */
  readonly status: HoldStatus | undefined;
  readonly now: Instant;
  /** Only holds with a payment that has to be given back. */
  readonly onlyRefundDue: boolean;
}

export interface HoldQuery {
  readonly filter: QueryFilter<HoldRecord>;
  /** The keys of the index: MongoDB might choose one that makes it sort in memory. */
  readonly hint: mongo.Document;
}

/** The query for the holds after the position, newest first. Each of its branches is a range of the index, in that order. */
export function toHoldQuery(wanted: HoldFilter, after: Position | undefined): HoldQuery {
  const { eventId, userId, onlyRefundDue } = wanted;
  const of = {
    ...(eventId !== undefined && { eventId: new Types.ObjectId(eventId) }),
    ...(userId !== undefined && { userId }),
  };
  const kinds: mongo.Document[] = onlyRefundDue ? [{ isRefundDue: true }] : toStored(wanted);
  const places = toPlaces(after);
  const branches = kinds.flatMap((kind) => places.map((place) => ({ ...of, ...kind, ...place })));
  return { filter: { $or: branches }, hint: onlyRefundDue ? REFUNDS_DUE : indexFor(wanted) };
}

/** What is stored of holds that are shown with the status: an active hold is shown as expired once its end has passed. */
function toStored({ status, now }: HoldFilter): mongo.Document[] {
  if (status === undefined) return HOLD_STATUSES.map((each) => ({ status: each }));
  if (status === 'active') return [{ status, expiresAt: { $gt: new Date(now) } }];
  if (status === 'expired') return [{ status }, { status: 'active', expiresAt: { $lte: new Date(now) } }];
  return [{ status }];
}

function toPlaces(after: Position | undefined): mongo.Document[] {
  if (!after) return [{}];
  return [{ createdAt: { $lt: after.at } }, { createdAt: after.at, _id: { $lt: new Types.ObjectId(after.id) } }];
}

/** Users have few holds: those of one user at one event are found among them. */
function indexFor({ eventId, userId }: HoldFilter): mongo.Document {
  if (userId !== undefined) return HOLDS_OF_USER;
  return eventId === undefined ? HOLDS_BY_STATUS : HOLDS_OF_EVENT;
}
