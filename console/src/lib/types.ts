import type { BookingListResponse, BookingResponse, BookingView } from '../../../src/bookings/api/booking.view.js';
import type { EventListResponse, EventResponse, EventView, PriceView } from '../../../src/events/dto/event.view.js';
import type { SalesResponse } from '../../../src/events/dto/sales.view.js';
import type { HoldListResponse } from '../../../src/holds/api/hold.view.js';
import type { IntegrityResponse } from '../../../src/integrity/dto/integrity.view.js';
import type { AvailabilityView } from '../../../src/live/api/availability.view.js';
import type { OperationsResponse } from '../../../src/operations/api/operations.view.js';
import type { EntryListResponse } from '../../../src/waitlist/api/waitlist.view.js';

/** A value as JSON carries it: dates are texts. */
type Json<Value> = Value extends Date
  ? string
  : Value extends readonly (infer Item)[]
    ? Json<Item>[]
    : Value extends object
      ? { [Key in keyof Value]: Json<Value[Key]> }
      : Value;

export type TicketEvent = Json<EventView>;
export type EventStatus = EventView['status'];
export type EventAnswer = Json<EventResponse>;
export type EventList = Json<EventListResponse>;
export type Price = PriceView;
export type Booking = Json<BookingView>;
export type BookingAnswer = Json<BookingResponse>;
export type BookingList = Json<BookingListResponse>;
export type HoldList = Json<HoldListResponse>;
export type EntryList = Json<EntryListResponse>;
export type Integrity = Json<IntegrityResponse>;
export type Availability = AvailabilityView;
export type Operations = Json<OperationsResponse>;

export type Sales = Json<SalesResponse>;
export type SalesBucket = Sales['buckets'][number];

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly message: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}
