import type { Event, EventStatus, Price, Section } from '../event.js';
import { EVENT_STATUSES } from '../event.js';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class PriceView {
  /**
   * In minor units of the currency, cents for example.
   * @example 4500
   */
  amount!: number;
  /**
   * The ISO 4217 code of the currency.
   * @example "EUR"
   */
  currency!: string;
}

export class SectionView {
  /** @example "67841f2a3b4c5d6e7f809101" */
  _id!: string;
  /** @example "Balcony" */
  name!: string;
  /** @example 40 */
  capacity!: number;
  /** @example 40 */
  availableTickets!: number;
  price?: PriceView;
}

export class EventView {
  /** @example "67841f2a3b4c5d6e7f809100" */
  _id!: string;
  /** @example "Concert Night" */
  name!: string;
  @ApiProperty({ enum: EVENT_STATUSES, example: 'on_sale' })
  status!: EventStatus;
  /**
   * The capacity: with sections, the sum of theirs.
   * @example 40
   */
  totalTickets!: number;
  /** @example 40 */
  availableTickets!: number;
  /** @example 0 */
  heldTickets!: number;
  /** @example 0 */
  soldTickets!: number;
  price?: PriceView;
  /** Empty when the tickets are one pool. */
  sections!: SectionView[];
  /**
   * How many tickets one user may have; absent if there is no limit.
   * @example 4
   */
  maxTicketsPerUser?: number;
  /**
   * How many tickets one booking, or hold, may have; absent if only the server's own limit applies.
   * @example 6
   */
  maxTicketsPerBooking?: number;
  /**
   * When it takes place.
   * @example "2027-01-13T19:30:00.000Z"
   */
  startsAt?: Date;
  /** Tickets are sold from this moment on. */
  salesStartAt?: Date;
  /** Tickets are sold until this moment. */
  salesEndAt?: Date;
  /** The shop's own name for this event. */
  reference?: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  metadata?: Readonly<Record<string, string>>;
  /**
   * Counts the edits of the configuration.
   * @example 1
   */
  version!: number;
  /**
   * Counts every committed write.
   * @example 1
   */
  revision!: number;
  /** @example "2026-01-01T09:00:00.000Z" */
  createdAt!: Date;
}

export class EventResponse {
  /** @example true */
  success!: boolean;
  event!: EventView;
}

export class EventListResponse {
  /** @example true */
  success!: boolean;
  events!: EventView[];
  /** The cursor of the next page; null at the end. */
  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

export function toEventView(event: Event): EventView {
  return {
    _id: event.id,
    name: event.name,
    status: event.status,
    totalTickets: event.totalTickets,
    availableTickets: event.availableTickets,
    heldTickets: event.heldTickets,
    soldTickets: event.soldTickets,
    ...toPriceMember(event.price),
    sections: event.sections.map(toSectionView),
    ...(event.maxTicketsPerUser !== undefined && { maxTicketsPerUser: event.maxTicketsPerUser }),
    ...(event.maxTicketsPerBooking !== undefined && { maxTicketsPerBooking: event.maxTicketsPerBooking }),
    ...(event.startsAt !== undefined && { startsAt: new Date(event.startsAt) }),
    ...(event.salesStartAt !== undefined && { salesStartAt: new Date(event.salesStartAt) }),
    ...(event.salesEndAt !== undefined && { salesEndAt: new Date(event.salesEndAt) }),
    ...(event.reference !== undefined && { reference: event.reference }),
    ...(event.metadata && { metadata: event.metadata }),
    version: event.version,
    revision: event.revision,
    createdAt: event.createdAt,
  };
}

function toSectionView(section: Section): SectionView {
  return {
    _id: section.id,
    name: section.name,
    capacity: section.capacity,
    availableTickets: section.availableTickets,
    ...toPriceMember(section.price),
  };
}

function toPriceMember(price: Price | undefined): { price?: PriceView } {
  return price ? { price: { amount: price.amount, currency: price.currency } } : {};
}
