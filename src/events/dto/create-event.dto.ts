import { ApiProperty, OmitType, refs } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsObject, Max, Min, ValidateBy, ValidateNested } from 'class-validator';
import { IfPresent, IsInstant, IsMetadata, IsName, IsReference, toInstant } from '../../common/http/validators.js';
import { toComparable } from '../../common/text.js';
import { EVENT_STATUSES, type EventStatus, MAX_CAPACITY, MAX_SECTIONS, type NewEvent } from '../event.js';
import { PriceDto, toPrice } from './price.dto.js';

export const NAME_LENGTH_MAX = 200;

export class CreateSectionDto {
  /**
   * Unique within the event.
   * @example "Balcony"
   */
  @IsName(NAME_LENGTH_MAX)
  name!: string;

  /** @example 40 */
  @Max(MAX_CAPACITY)
  @Min(1)
  @IsInt()
  capacity!: number;

  @IfPresent()
  @Type(() => PriceDto)
  @ValidateNested()
  @IsObject()
  price?: PriceDto;
}

/** A new event: either `totalTickets`, or `sections`, whose capacities are summed. */
export class CreateEventDto {
  /** @example "Concert Night" */
  @IsName(NAME_LENGTH_MAX)
  name!: string;

  /**
   * How many tickets there are, without sections.
   * @example 10
   */
  @IfPresent()
  @Max(MAX_CAPACITY)
  @Min(1)
  @IsInt()
  totalTickets?: number;

  /** What a ticket costs, without sections. */
  @IfPresent()
  @Type(() => PriceDto)
  @ValidateNested()
  @IsObject()
  price?: PriceDto;

  /** Pools of tickets, each sold by itself. An empty list is the same as none. */
  @IfPresent()
  @ArrayMaxSize(MAX_SECTIONS)
  @ApiProperty({ maxItems: MAX_SECTIONS })
  @HaveDistinctNames()
  @ValidateNested({ each: true })
  @IsObject({ each: true })
  @Type(() => CreateSectionDto)
  @IsArray()
  sections?: CreateSectionDto[];

  /** How many tickets one user may have; no limit if absent. */
  @IfPresent()
  @Max(MAX_CAPACITY)
  @Min(1)
  @IsInt()
  maxTicketsPerUser?: number;

  /**
   * How many tickets one booking, or hold, may have; the server's `MAX_TICKETS_PER_BOOKING` (10) if absent or higher.
   * @example 6
   */
  @IfPresent()
  @Max(MAX_CAPACITY)
  @Min(1)
  @IsInt()
  maxTicketsPerBooking?: number;

  /**
   * When it takes place.
   * @example "2027-01-13T19:30:00Z"
   */
  @IfPresent()
  @IsInstant()
  startsAt?: string;

  /**
   * Tickets are sold from this moment on.
   * @example "2026-11-01T09:00:00Z"
   */
  @IfPresent()
  @IsInstant()
  salesStartAt?: string;

  /**
   * Tickets are sold until this moment.
   * @example "2027-01-13T18:00:00Z"
   */
  @IfPresent()
  @IsInstant()
  salesEndAt?: string;

  /**
   * The shop's own name for this event.
   * @example "show-17"
   */
  @IfPresent()
  @IsReference()
  reference?: string;

  /** Up to 10 strings that the shop wants to find again. */
  @IfPresent()
  @IsMetadata()
  metadata?: Record<string, string>;

  /** Only an event that is on sale can be booked. */
  @IfPresent()
  @IsIn(EVENT_STATUSES)
  status?: EventStatus;
}

/** An event of `totalTickets`, without sections. */
class CreateEventWithTicketsDto extends OmitType(CreateEventDto, ['sections']) {
  @ApiProperty({ required: true })
  override totalTickets!: number;
}

/** An event of `sections`, whose capacities are summed. */
class CreateEventWithSectionsDto extends OmitType(CreateEventDto, ['totalTickets', 'price']) {
  @ApiProperty({ required: true, minItems: 1 })
  override sections!: CreateSectionDto[];
}

/** What the contract says of a `CreateEventDto`: which of its fields exclude each other. */
export const CREATE_EVENT_SCHEMAS = [CreateEventWithTicketsDto, CreateEventWithSectionsDto];

const EXAMPLES = {
  tickets: { summary: 'A number of tickets', value: { name: 'Concert Night', totalTickets: 10 } },
  sections: {
    summary: 'Sections with prices',
    value: {
      name: 'Concert Night',
      sections: [
        { name: 'Balcony', capacity: 40, price: { amount: 4500, currency: 'EUR' } },
        { name: 'Stalls', capacity: 120, price: { amount: 2500, currency: 'EUR' } },
      ],
    },
  },
};

export const CREATE_EVENT_BODY = { schema: { oneOf: refs(...CREATE_EVENT_SCHEMAS) }, examples: EXAMPLES };

export function toNewEvent(dto: CreateEventDto): NewEvent {
  return {
    name: dto.name,
    status: dto.status ?? 'on_sale',
    totalTickets: dto.totalTickets,
    price: toPrice(dto.price),
    sections: (dto.sections ?? []).map(({ name, capacity, price }) => ({ name, capacity, price: toPrice(price) })),
    maxTicketsPerUser: dto.maxTicketsPerUser,
    maxTicketsPerBooking: dto.maxTicketsPerBooking,
    startsAt: toInstant(dto.startsAt),
    salesStartAt: toInstant(dto.salesStartAt),
    salesEndAt: toInstant(dto.salesEndAt),
    reference: dto.reference,
    metadata: dto.metadata,
  };
}

/** Sections whose names all differ. Not `ArrayUnique`: the contract would call the list a set, and so would Java. */
function HaveDistinctNames(): PropertyDecorator {
  return ValidateBy({
    name: 'haveDistinctNames',
    validator: {
      validate: (sections) => {
        if (!Array.isArray(sections)) return false;
        const keys = sections.map((section: CreateSectionDto | null) => sectionKey(section?.name));
        return new Set(keys).size === keys.length;
      },
      defaultMessage: (args) => `${args?.property} must have names that differ`,
    },
  });
}

/** Two names that a reader can't tell apart are one. */
function sectionKey(name: unknown): unknown {
  return typeof name === 'string' ? toComparable(name) : name;
}
