import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PriceView } from '../../events/index.js';
import { type Booking, type BookingItem, type BookingStatus, leftOf, purchaseOf, quantityOf } from '../booking.js';

export class BookingItemView {
  /**
   * Absent in an event without sections.
   * @example "67841f2a3b4c5d6e7f809101"
   */
  sectionId?: string;
  /** @example 1 */
  quantity!: number;
  /** What one ticket cost when it was booked. */
  price?: PriceView;
}

/** Tickets of a booking. */
export class BookedItemView extends BookingItemView {
  /** How many of them were cancelled; absent while none was. */
  cancelledQuantity?: number;
}

export class BookingView {
  /** @example "67842a1b2c3d4e5f60718293" */
  _id!: string;
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
  /** Null in an imported booking whose database did not store users. */
  @ApiProperty({ type: String, nullable: true, example: 'user123' })
  userId!: string | null;
  /** As bought, whatever was cancelled since. */
  items!: BookedItemView[];
  /**
   * The sum of the items' quantities.
   * @example 1
   */
  quantity!: number;
  @ApiProperty({ enum: ['confirmed', 'cancelled'], example: 'confirmed' })
  status!: BookingStatus;
  /** @example "2026-01-13T10:30:00.000Z" */
  bookedAt!: Date;
  /** Only in a cancelled booking. */
  cancelledAt?: Date;
  /**
   * The shop's own name for this booking.
   * @example "order-1001"
   */
  reference?: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' }, example: { channel: 'web' } })
  metadata?: Readonly<Record<string, string>>;
}

export class BookedResponse {
  /** @example true */
  success!: boolean;
  /** @example "Booking successful" */
  message!: string;
  booking!: BookingView;
}

export class BookingResponse {
  /** @example true */
  success!: boolean;
  booking!: BookingView;
}

export class BookingListResponse {
  /** @example true */
  success!: boolean;
  bookings!: BookingView[];
  /** The cursor of the next page; null at the end. */
  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

export function toBookingView(booking: Booking): BookingView {
  const { items } = purchaseOf(booking);
  return {
    _id: booking.id,
    eventId: booking.eventId,
    userId: booking.userId,
    items: items.map((item) => toBookedItemView(booking, item)),
    quantity: quantityOf(items),
    status: booking.status,
    bookedAt: new Date(booking.bookedAt),
    ...(booking.cancelledAt !== undefined && { cancelledAt: new Date(booking.cancelledAt) }),
    ...(booking.reference !== undefined && { reference: booking.reference }),
    ...(booking.metadata && { metadata: booking.metadata }),
  };
}

function toBookedItemView(booking: Booking, item: BookingItem): BookedItemView {
  const cancelledQuantity = item.quantity - leftOf(booking, item.sectionId);
  return { ...toItemView(item), ...(cancelledQuantity > 0 && { cancelledQuantity }) };
}

export function toItemView({ sectionId, quantity, price }: BookingItem): BookingItemView {
  return { ...(sectionId !== undefined && { sectionId }), quantity, ...(price && { price }) };
}

/** The list of all bookings as JSON text, piece by piece: `{success, bookings, nextCursor: null}`. */
export async function* toBookingListJson(bookings: AsyncIterable<Booking>): AsyncGenerator<string> {
  let before = '{"success":true,"bookings":[';
  for await (const booking of bookings) {
    yield before + JSON.stringify(toBookingView(booking));
    before = ',';
  }
  yield `${before === ',' ? '' : before}],"nextCursor":null}`;
}
