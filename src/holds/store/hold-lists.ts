import { type mongo, type QueryFilter, Types } from 'mongoose';
import type { Instant } from '../../common/clock.js';
import type { Position } from '../../common/page.js';
import { HOLD_STATUSES, type HoldStatus } from '../hold-states.js';
import { type HoldRecord, HOLDS_OF_EVENT, HOLDS_OF_USER, NEWEST_FIRST, REFUNDS_DUE } from './hold.schema.js';

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
  readonly hint: Record<string, 1 | -1>;
  readonly sort: Record<string, -1>;
}

/** The query for the holds after the position, newest first. Each of its branches is a range of the index, in that order. */
export function toHoldQuery(wanted: HoldFilter, after: Position | undefined): HoldQuery {
  const { eventId, userId, onlyRefundDue } = wanted;
  const of = {
    ...(eventId !== undefined && { eventId: new Types.ObjectId(eventId) }),
    ...(userId !== undefined && { userId }),
  };
  const kinds: mongo.Document[] = onlyRefundDue ? [{ isRefundDue: true }] : toStored(wanted);
  const isOfAll = !onlyRefundDue && eventId === undefined && userId === undefined;
  const places = isOfAll ? toIds(after) : toPlaces(after);
  const branches = kinds.flatMap((kind) => places.map((place) => ({ ...of, ...kind, ...place })));
  return { filter: { $or: branches }, ...(isOfAll ? BY_ID : { hint: toHint(wanted), sort: NEWEST_FIRST }) };
}

/** Holds of everybody: their ids are in the order in which they were made, to the second. An index for this list alone would cost each hold too much. */
const BY_ID = { hint: { _id: 1 }, sort: { _id: -1 } } as const;

/** What is stored of holds that are shown with the status: an active hold is shown as expired once its end has passed. */
function toStored({ status, now }: HoldFilter): mongo.Document[] {
  if (status === undefined) return HOLD_STATUSES.map((each) => ({ status: each }));
  if (status === 'active') return [{ status, expiresAt: { $gt: new Date(now) } }];
  if (status === 'expired') return [{ status }, { status: 'active', expiresAt: { $lte: new Date(now) } }];
  return [{ status }];
}

function toIds(after: Position | undefined): mongo.Document[] {
  return [after ? { _id: { $lt: new Types.ObjectId(after.id) } } : {}];
}

function toPlaces(after: Position | undefined): mongo.Document[] {
  if (!after) return [{}];
  return [{ createdAt: { $lt: after.at } }, { createdAt: after.at, _id: { $lt: new Types.ObjectId(after.id) } }];
}

/** Users have few holds: those of one user at one event are found among them. */
function toHint({ userId, onlyRefundDue }: HoldFilter): Record<string, 1 | -1> {
  if (onlyRefundDue) return REFUNDS_DUE;
  return userId === undefined ? HOLDS_OF_EVENT : HOLDS_OF_USER;
}
