import { Types } from 'mongoose';
import type { Event, Price, Section } from '../event.js';
import type { EventRecord, SectionRecord } from './event.schema.js';

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
    countsUserTickets: record.countsUserTickets === true,
    nextHoldExpiresAt: record.nextHoldExpiresAt?.getTime(),
    version: record.version,
    revision: record.revision,
    createdAt: record.createdAt,
    idempotency: record.idempotency,
  };
}

export function toRecord(event: Event): EventRecord {
  const { id, price, sections, maxTicketsPerUser, countsUserTickets, nextHoldExpiresAt, idempotency, ...rest } = event;
  return {
    _id: new Types.ObjectId(id),
    ...rest,
    ...(price && { price }),
    ...(maxTicketsPerUser !== undefined && { maxTicketsPerUser }),
    ...(countsUserTickets && { countsUserTickets }),
    ...(nextHoldExpiresAt !== undefined && { nextHoldExpiresAt: new Date(nextHoldExpiresAt) }),
    ...(idempotency && { idempotency }),
    sections: sections.map(({ id: sectionId, price: sectionPrice, ...section }) => ({
      _id: new Types.ObjectId(sectionId),
      ...section,
      ...(sectionPrice && { price: sectionPrice }),
    })),
    updatedAt: event.createdAt,
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

/** A bare number, from the seed's database, has no currency: it stays stored and is not shown. */
function toPrice(price: Price | number | undefined): Price | undefined {
  return typeof price === 'object' ? price : undefined;
}
