import { type mongo, Types } from 'mongoose';
import type { Instant } from '../../common/clock.js';
import { escapeForRegExp } from '../../common/text.js';
import { afterPosition } from '../../platform/database/index.js';
import type { EventFilter, EventPlace, EventSort } from '../event-list.js';
import { ANY_CASE, BY_NAME, BY_START } from './event.schema.js';

const ON_SALE = { status: 'on_sale' } as const;
const WITH_TICKETS = { availableTickets: { $gt: 0 } } as const;
const WITH_HELD = { heldTickets: { $gt: 0 } } as const;

/** What is on sale and has tickets left. */
export const AVAILABLE = { ...ON_SALE, ...WITH_TICKETS } as const;

interface Order {
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly collation?: typeof ANY_CASE;
  /** The index that MongoDB has to take. Otherwise it might choose another one, sort in memory, and keep to it. */
  readonly hint?: string | Readonly<Record<string, 1>>;
}

/** How a list is read in its order. */
export function orderOf(sort: EventSort, filter: EventFilter): Order {
  switch (sort) {
    case 'newest': {
      const isOnSale = filter.onlyAvailable || filter.status === ON_SALE.status;
      return { sort: { createdAt: -1, _id: -1 }, ...(isOnSale && { hint: 'on_sale' }) };
    }
    case 'startsAt':
      return { sort: BY_START, hint: BY_START };
    case 'name':
      return { sort: BY_NAME, hint: BY_NAME, collation: ANY_CASE };
  }
}

/** The condition for the events of a list, as of `now`, that come after a place in it. */
export function conditionOf(
  filter: EventFilter,
  sort: EventSort,
  after: EventPlace | undefined,
  now: Instant,
): mongo.Document {
  const { onlyAvailable, name, status } = filter;
  const dates = datesOf(filter);
  const conditions: mongo.Document[] = [];
  if (onlyAvailable) {
    conditions.push(ON_SALE, { $or: [WITH_TICKETS, { ...WITH_HELD, nextHoldExpiresAt: { $lte: new Date(now) } }] });
  }
  if (status !== undefined) conditions.push({ status });
  if (name !== undefined) conditions.push({ name: { $regex: escapeForRegExp(name), $options: 'i' } });
  if (dates) conditions.push({ startsAt: dates });
  if (after) conditions.push(afterPlace(sort, after));
  return conditions.length === 0 ? {} : { $and: conditions };
}

function datesOf({ startsFrom, startsTo }: EventFilter): mongo.Document | undefined {
  if (startsFrom === undefined && startsTo === undefined) return undefined;
  return {
    ...(startsFrom !== undefined && { $gte: new Date(startsFrom) }),
    ...(startsTo !== undefined && { $lt: new Date(startsTo) }),
  };
}

function afterPlace(sort: EventSort, { key, id }: EventPlace): mongo.Document {
  if (sort === 'newest') return afterPosition('createdAt', { at: key as Date, id });
  const field = sort === 'name' ? 'name' : 'startsAt';
  // Nothing is larger than null but what has another type.
  const larger = key === undefined ? { $type: 'date' } : { $gt: key };
  return { $or: [{ [field]: larger }, { [field]: key ?? null, _id: { $gt: new Types.ObjectId(id) } }] };
}
