import { type QueryFilter, Types } from 'mongoose';
import { type Lookup, type StoredChange, toAlikeUpdates } from '../../bookings/index.js';
import type { Update } from '../../platform/database/index.js';
import type { Hold, Payment } from '../hold.js';
import { toHoldRecord } from './hold.mapper.js';
import type { HoldRecord } from './hold.schema.js';

export type Filter = QueryFilter<HoldRecord>;

/** One update for all holds that change in the same way: most of a batch are confirmed, or expire, alike. */
export function toUpdates(changes: readonly StoredChange<Hold>[]): Update[] {
  return toAlikeUpdates(changes, toHoldRecord, (before) => ({
    expiresAt: { $in: [...new Set(before.map(({ expiresAt }) => expiresAt))].map((end) => new Date(end)) },
  }));
}

/** Finds the holds that have one of the ids, keys or payments. */
export function toNameFilters(lookups: readonly Lookup[]): Filter[] {
  const ids = lookups.filter(({ by }) => by === 'id').map(({ value }) => new Types.ObjectId(value));
  return [
    ...(ids.length > 0 ? [{ _id: { $in: ids } }] : []),
    ...group(lookups, 'key', byEvent).map(([eventId, keys]) => ({
      eventId: new Types.ObjectId(eventId),
      'idempotency.key': { $in: keys },
    })),
    // Only with $elemMatch are both parts of the index used. The other condition is that of the index itself.
    ...group(lookups, 'payment', byPayer).map(([by, references]) => ({
      settlements: { $elemMatch: { by, reference: { $in: references } } },
      'settlements.reference': { $in: references },
    })),
  ];
}

/** Finds the active holds of the users: few for each, as there is a limit. */
export function toUserFilters(lookups: readonly Lookup[]): Filter[] {
  return group(lookups, 'user', byEvent).map(([eventId, users]) => ({
    eventId: new Types.ObjectId(eventId),
    userId: { $in: users },
    status: 'active',
  }));
}

function byEvent({ eventId, value }: Lookup): [string, string] {
  return [eventId, value];
}

function byPayer({ value }: Lookup): [string, string] {
  const { by, reference } = JSON.parse(value) as Payment;
  return [by, reference];
}

/** What is looked up `by` something, as values for each name. */
function group(
  lookups: readonly Lookup[],
  by: string,
  split: (lookup: Lookup) => [name: string, value: string],
): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const lookup of lookups) {
    if (lookup.by !== by) continue;
    const [name, value] = split(lookup);
    const values = groups.get(name);
    if (values) values.push(value);
    else groups.set(name, [value]);
  }
  return [...groups];
}
