import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { EXAMPLE_SECTION_IDS } from '../../common/http/api-examples.js';
import {
  IfNotNull,
  IfPresent,
  IsId,
  IsInstant,
  IsMetadataPatch,
  IsName,
  IsReference,
} from '../../common/http/validators.js';
import {
  EVENT_STATUSES,
  type EventStatus,
  isCurrency,
  MAX_AMOUNT,
  MAX_CAPACITY,
  MAX_SECTIONS,
  NAME_LENGTH_MAX,
} from '../../events/index.js';

/** What changes of a price: the other half stays. */
export class EditPriceDto {
  /**
   * In minor units of the currency, cents for example.
   * @example 4900
   */
  @IfPresent()
  @Max(MAX_AMOUNT)
  @Min(0)
  @IsInt()
  amount?: number;

  /**
   * The ISO 4217 code of the currency.
   * @example "EUR"
   */
  @IfPresent()
  @Matches(/^[A-Z]{3}$/)
  @ValidateBy({
    name: 'isCurrency',
    validator: { validate: isCurrency, defaultMessage: () => 'currency must be an active code of ISO 4217' },
  })
  currency?: string;
}

/** What changes of the section with this `_id`; without one, a new section, with `name` and `capacity`. */
export class EditSectionDto {
  /** @example "67841f2a3b4c5d6e7f809101" */
  @IfPresent()
  @IsId()
  _id?: string;

  /**
   * Unique within the event.
   * @example "Balcony"
   */
  @IfPresent()
  @IsName(NAME_LENGTH_MAX)
  name?: string;

  /**
   * Never less than what is held and sold.
   * @example 50
   */
  @IfPresent()
  @Max(MAX_CAPACITY)
  @Min(1)
  @IsInt()
  capacity?: number;

  /** Null removes it. Holds and bookings keep the price that they have. */
  @IfNotNull()
  @Type(() => EditPriceDto)
  @ValidateNested()
  @IsObject()
  price?: EditPriceDto | null;

  /** True removes the section, if it was never sold and nothing is held. */
  @IfPresent()
  @IsBoolean()
  remove?: boolean;
}

/** A JSON merge patch (RFC 7396) of an event: what is absent stays as it is, and null removes. */
export class EditEventDto {
  /** @example "Concert Night" */
  @IfPresent()
  @IsName(NAME_LENGTH_MAX)
  name?: string;

  @IfPresent()
  @IsIn(EVENT_STATUSES)
  @ApiProperty({ enum: EVENT_STATUSES })
  status?: EventStatus;

  /** The capacity of an event without sections: never less than what is held and sold. */
  @IfPresent()
  @Max(MAX_CAPACITY)
  @Min(1)
  @IsInt()
  totalTickets?: number;

  /** What a ticket costs, without sections. Holds and bookings keep the price that they have. */
  @IfNotNull()
  @Type(() => EditPriceDto)
  @ValidateNested()
  @IsObject()
  price?: EditPriceDto | null;

  /** Those that are not named stay as they are. */
  @IfPresent()
  @ArrayMaxSize(MAX_SECTIONS)
  @ApiProperty({ maxItems: MAX_SECTIONS })
  @ValidateNested({ each: true })
  @IsObject({ each: true })
  @Type(() => EditSectionDto)
  @IsArray()
  sections?: EditSectionDto[];

  /** When it takes place. */
  @IfNotNull()
  @IsInstant()
  startsAt?: string | null;

  /** Tickets are sold from this moment on. */
  @IfNotNull()
  @IsInstant()
  salesStartAt?: string | null;

  /** Tickets are sold until this moment. */
  @IfNotNull()
  @IsInstant()
  salesEndAt?: string | null;

  /** How many tickets one user may have. Users who have more keep them. */
  @IfNotNull()
  @Max(MAX_CAPACITY)
  @Min(1)
  @IsInt()
  maxTicketsPerUser?: number | null;

  /** How many tickets one booking, or hold, may have. */
  @IfNotNull()
  @Max(MAX_CAPACITY)
  @Min(1)
  @IsInt()
  maxTicketsPerBooking?: number | null;

  /** The shop's own name for this event. */
  @IfNotNull()
  @IsReference()
  reference?: string | null;

  /** Pairs that are not named stay; null removes one. */
  @IfNotNull()
  @IsMetadataPatch()
  metadata?: Record<string, string | null> | null;
}

const EXAMPLES = {
  rename: { summary: 'Another name', value: { name: 'Concert Night, second date' } },
  pause: { summary: 'Pause the sale', value: { status: 'paused' } },
  resume: { summary: 'Go on selling', value: { status: 'on_sale' } },
  capacity: { summary: 'More tickets', value: { totalTickets: 20 } },
  section: {
    summary: 'A larger section and a new one',
    value: {
      sections: [
        { _id: EXAMPLE_SECTION_IDS[0], capacity: 50 },
        { name: 'Boxes', capacity: 8 },
      ],
    },
  },
};

export const EDIT_EVENT_BODY = { type: EditEventDto, examples: EXAMPLES };
