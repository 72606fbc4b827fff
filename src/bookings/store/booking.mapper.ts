import { Types } from 'mongoose';
import { fromPairs, toPairs } from '../../common/pairs.js';
import type { Booking, BookingItem, Purchase } from '../booking.js';
import type { BookingItemRecord, BookingRecord, PurchaseRecord } from './booking.schema.js';

export function toBooking(record: BookingRecord): Booking {
  return {
    id: record._id.toHexString(),
    // Imported bookings keep their original event id, even an invalid one.
    eventId: String((record.eventId as Types.ObjectId | null) ?? ''),
    userId: record.userId,
    items: record.items.map(fromItemRecord),
    quantity: record.quantity,
    bought: record.bought && { userId: record.bought.userId, items: record.bought.items.map(fromItemRecord) },
    changes: record.changes ?? 0,
    status: record.status,
    bookedAt: record.bookedAt.getTime(),
    cancelledAt: record.cancelledAt?.getTime(),
    reference: record.reference,
    metadata: fromPairs(record.metadata),
    idempotency: record.idempotency,
    soldBy: record.soldBy?.toHexString(),
  };
}

export function toBookingRecord(booking: Booking): BookingRecord {
  return {
    _id: new Types.ObjectId(booking.id),
    eventId: new Types.ObjectId(booking.eventId),
    userId: booking.userId,
    items: booking.items.map(toItemRecord),
    quantity: booking.quantity,
    ...(booking.bought && { bought: toPurchaseRecord(booking.bought) }),
    ...(booking.changes > 0 && { changes: booking.changes }),
    status: booking.status,
    bookedAt: new Date(booking.bookedAt),
    ...(booking.cancelledAt !== undefined && { cancelledAt: new Date(booking.cancelledAt) }),
    ...(booking.reference !== undefined && { reference: booking.reference }),
    ...(booking.metadata && { metadata: toPairs(booking.metadata) }),
    ...(booking.idempotency && { idempotency: booking.idempotency }),
    ...(booking.soldBy !== undefined && { soldBy: new Types.ObjectId(booking.soldBy) }),
  };
}

function toPurchaseRecord({ userId, items }: Purchase): PurchaseRecord {
  return { userId, items: items.map(toItemRecord) };
}

export function fromItemRecord({ sectionId, quantity, price }: BookingItemRecord): BookingItem {
  return { sectionId: sectionId?.toHexString(), quantity, price };
}

export function toItemRecord({ sectionId, quantity, price }: BookingItem): BookingItemRecord {
  return {
    ...(sectionId !== undefined && { sectionId: new Types.ObjectId(sectionId) }),
    quantity,
    ...(price && { price }),
  };
}
