import { Types } from 'mongoose';
import type { Instant } from '../../common/clock.js';
import { fromPairs, toPairs } from '../../common/pairs.js';
import type { Event, Price, Section, Waitlist } from '../event.js';
import type { EventRecord, SectionRecord, WaitlistRecord } from './event.schema.js';

export function toEvent(record: EventRecord): Event {
  return {
    id: record._id.toHexString(),
    name: record.name,
    status: record.status,
    totalTickets: record.totalTickets,
    availableTickets: record.availableTickets,
    heldTickets: record.heldTickets,
    soldTickets: record.soldTickets,
    price: toPrice(record.price),
    sections: record.sections.map(toSection),
    maxTicketsPerUser: record.maxTicketsPerUser ?? undefined,
    maxTicketsPerBooking: record.maxTicketsPerBooking ?? undefined,
    startsAt: record.startsAt?.getTime(),
    salesStartAt: record.salesStartAt?.getTime(),
    salesEndAt: record.salesEndAt?.getTime(),
    reference: record.reference,
    metadata: fromPairs(record.metadata),
    countsUserTickets: record.countsUserTickets === true,
    nextHoldExpiresAt: record.nextHoldExpiresAt?.getTime(),
    waitlist: record.waitlist && toWaitlist(record.waitlist),
    queue: record.queue,
    version: record.version,
    revision: record.revision,
    createdAt: record.createdAt,
    idempotency: record.idempotency,
  };
}

export function toRecord({ id, sections, countsUserTickets, ...event }: Event): EventRecord {
  const { set } = toFields(event);
  return {
    ...set,
    _id: new Types.ObjectId(id),
    ...(countsUserTickets && { countsUserTickets }),
    sections: sections.map(({ id: sectionId, price, ...section }) => ({
      _id: new Types.ObjectId(sectionId),
      ...section,
      ...(price && { price }),
    })),
    updatedAt: event.createdAt,
  } as EventRecord;
}

/** How what an event may or may not have is stored, where that is not as it is. */
const STORED: Readonly<Partial<Record<keyof Event, (value: never) => unknown>>> = {
  startsAt: toDate,
  salesStartAt: toDate,
  salesEndAt: toDate,
  nextHoldExpiresAt: toDate,
  metadata: toPairs,
  waitlist: toWaitlistRecord,
};

/** The fields to be set, and the names of those to be removed, so that a stored event has these values. */
export function toFields(values: Partial<Event>): { set: Record<string, unknown>; unset: readonly string[] } {
  const entries = Object.entries(values) as [keyof Event, unknown][];
  const present = entries.filter(([, value]) => value !== undefined);
  return {
    set: Object.fromEntries(present.map(([name, value]) => [name, STORED[name]?.(value as never) ?? value])),
    unset: entries.filter(([, value]) => value === undefined).map(([name]) => name),
  };
}

function toSection(record: SectionRecord): Section {
  return {
    id: record._id.toHexString(),
    name: record.name,
    capacity: record.capacity,
    availableTickets: record.availableTickets,
    heldTickets: record.heldTickets,
    soldTickets: record.soldTickets,
    price: toPrice(record.price),
  };
}

function toWaitlist({ reserved, ...rest }: WaitlistRecord): Waitlist {
  return {
    ...rest,
    reserved: reserved.map(({ sectionId, ...each }) => ({ ...each, sectionId: sectionId?.toHexString() })),
  };
}

function toWaitlistRecord({ reserved, ...rest }: Waitlist): WaitlistRecord {
  return {
    ...rest,
    reserved: reserved.map(({ sectionId, ...each }) => ({
      ...each,
      ...(sectionId !== undefined && { sectionId: new Types.ObjectId(sectionId) }),
    })),
  };
}

/** A bare number, from the seed's database, has no currency: it stays stored and is not shown. */
function toPrice(price: Price | number | undefined): Price | undefined {
  return typeof price === 'object' ? price : undefined;
}

function toDate(instant: Instant): Date {
  return new Date(instant);
}
