import { Types } from 'mongoose';
import type { Booking } from '../booking.js';
import type { BookingRecord } from './booking.schema.js';

export function toBooking(record: BookingRecord): Booking {
  return {
    id: record._id.toHexString(),
    // Imported bookings keep their original event id, even an invalid one.
    eventId: String((record.eventId as Types.ObjectId | null) ?? ''),
    userId: record.userId,
    items: record.items.map((item) => ({
      sectionId: item.sectionId?.toHexString(),
      quantity: item.quantity,
      price: item.price,
    })),
    quantity: record.quantity,
    status: record.status,
    bookedAt: record.bookedAt.getTime(),
    cancelledAt: record.cancelledAt?.getTime(),
    reference: record.reference,
    metadata: record.metadata && Object.fromEntries(record.metadata.map(({ key, value }) => [key, value])),
    idempotency: record.idempotency,
    soldBy: record.soldBy?.toHexString(),
  };
}

export function toBookingRecord(booking: Booking): BookingRecord {
  return {
    _id: new Types.ObjectId(booking.id),
    eventId: new Types.ObjectId(booking.eventId),
    userId: booking.userId,
    items: booking.items.map((item) => ({
      ...(item.sectionId !== undefined && { sectionId: new Types.ObjectId(item.sectionId) }),
      quantity: item.quantity,
      ...(item.price && { price: item.price }),
    })),
    quantity: booking.quantity,
    status: booking.status,
    bookedAt: new Date(booking.bookedAt),
    ...(booking.cancelledAt !== undefined && { cancelledAt: new Date(booking.cancelledAt) }),
    ...(booking.reference !== undefined && { reference: booking.reference }),
    ...(booking.metadata && {
      metadata: Object.entries(booking.metadata).map(([key, value]) => ({ key, value })),
    }),
    ...(booking.idempotency && { idempotency: booking.idempotency }),
    ...(booking.soldBy !== undefined && { soldBy: new Types.ObjectId(booking.soldBy) }),
  };
}
