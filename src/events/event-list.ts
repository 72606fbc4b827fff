import type { Instant } from '../common/clock.js';
import { openCursor, sealCursor, timeFromBytes, timeToBytes } from '../common/page.js';
import type { Event, EventStatus } from './event.js';

export const EVENT_SORTS = ['newest', 'startsAt', 'name'] as const;
export type EventSort = (typeof EVENT_SORTS)[number];

/** Which events a list has: those that fit all that is not undefined. */
export interface EventFilter {
  /** Only events on sale that have tickets left, or whose holds are overdue. */
  readonly onlyAvailable: boolean;
  /** A part of the name, in any case. */
  readonly name: string | undefined;
  readonly status: EventStatus | undefined;
  /** Only events that take place at this moment or later. */
  readonly startsFrom: Instant | undefined;
  /** Only events that take place before this moment. */
  readonly startsTo: Instant | undefined;
}

/** The place of an event in a list that is sorted by `key`, and then by the id. */
export interface EventPlace {
  /** Undefined for an event without a date, where the list is sorted by date. */
  readonly key: Date | string | undefined;
  readonly id: string;
}

/** Names a list by its filter and its order, which its cursors are bound to. */
export function nameOfList({ onlyAvailable, ...filter }: EventFilter, sort: EventSort): string {
  const { name, status, startsFrom, startsTo } = filter;
  const stated = Object.entries({ name, status, startsFrom, startsTo, sort: sort === 'newest' ? undefined : sort })
    .filter(([, value]) => value !== undefined)
    .map(([member, value]) => `&${member}=${encodeURIComponent(String(value))}`);
  return `events?available=${onlyAvailable}${stated.join('')}`;
}

/** The cursor for what comes after `event` in `list`. */
export function cursorAfter(event: Event, sort: EventSort, list: string): string {
  return sealCursor(keyToBytes(event, sort), event.id, list);
}

/** The place in `cursor`. Throws the 400 `validation_failed` for a cursor that this list did not hand out. */
export function placeIn(cursor: string, sort: EventSort, list: string): EventPlace {
  const { key, id } = openCursor(cursor, list);
  if (sort === 'name') return { key: key.toString('utf8'), id };
  const isUndated = sort === 'startsAt' && key.length === 0;
  return { key: isUndated ? undefined : timeFromBytes(key), id };
}

function keyToBytes(event: Event, sort: EventSort): Buffer {
  switch (sort) {
    case 'newest':
      return timeToBytes(event.createdAt);
    case 'startsAt':
      return event.startsAt === undefined ? Buffer.alloc(0) : timeToBytes(new Date(event.startsAt));
    case 'name':
      return Buffer.from(event.name, 'utf8');
  }
}
