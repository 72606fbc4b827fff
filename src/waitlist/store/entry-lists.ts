import { type QueryFilter, Types } from 'mongoose';
import type { Instant } from '../../common/clock.js';
import type { Event } from '../../events/index.js';
import { ENTRY_STATUSES, type EntryStatus } from '../entry-states.js';
import { saleOf } from '../sale.js';
import { ENTRIES_OF_EVENT, ENTRIES_OF_USER, type EntryRecord } from './entry.schema.js';

/** Which entries of an event a list has. */
export interface EntryFilter {
  readonly event: Event;
  readonly userId: string | undefined;
  /** As the entries are shown at `now`. */
  readonly status: EntryStatus | undefined;
  readonly now: Instant;
  /** The keys of which the caller sees the entries, by id; undefined for all. */
  readonly soldBy: ReadonlySet<string> | undefined;
}

export interface EntryQuery {
  readonly filter: QueryFilter<EntryRecord>;
  /** The keys of the index: MongoDB might choose one that makes it sort in memory. */
  readonly hint: Record<string, 1>;
}

/** The query for the entries with a number after this one; undefined where there are none. */
export function toEntryQuery(wanted: EntryFilter, after: number): EntryQuery | undefined {
  const { event, userId, soldBy } = wanted;
  const of = {
    eventId: new Types.ObjectId(event.id),
    ...(userId !== undefined && { userId }),
    ...(soldBy && { soldBy: { $in: [...soldBy].map((id) => new Types.ObjectId(id)) } }),
  };
  const branches = toStored(wanted).map(({ from = 0, to, ...stored }) => ({
    ...of,
    ...stored,
    number: { $gt: Math.max(from, after), ...(to !== undefined && { $lte: to }) },
  }));
  if (branches.length === 0) return undefined;
  return { filter: { $or: branches }, hint: userId === undefined ? ENTRIES_OF_EVENT : ENTRIES_OF_USER };
}

interface Stored {
  readonly status: EntryStatus;
  readonly offerExpiresAt?: object;
  /** The numbers after this one. */
  readonly from?: number;
  /** The numbers up to this one. */
  readonly to?: number;
}

/** What is stored of entries that are shown with the status. */
function toStored({ event, status, now }: EntryFilter): Stored[] {
  if (status === undefined) return ENTRY_STATUSES.map((each) => ({ status: each }));
  const endedUpTo = event.waitlist?.endedUpTo ?? 0;
  const isCancelled = event.status === 'cancelled';
  const isOver = saleOf(event, now) === 'over';
  if (status === 'waiting') return isOver ? [] : [{ status, from: endedUpTo }];
  if (status === 'offered') return isCancelled ? [] : [{ status, offerExpiresAt: { $gt: new Date(now) } }];
  if (status !== (isCancelled ? 'left' : 'expired')) return [{ status }];
  return [
    { status },
    { status: 'waiting', ...(!isOver && { to: endedUpTo }) },
    { status: 'offered', ...(!isCancelled && { offerExpiresAt: { $lte: new Date(now) } }) },
  ];
}
