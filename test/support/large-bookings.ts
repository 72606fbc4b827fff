import { mongo } from 'mongoose';
import { times } from './race.js';

/** Items of each of these bookings: its rows are some 2.6 kB. */
export const ITEMS = 20;

/** Stores cancelled bookings of the event, with many items each. */
export async function insertLargeBookings(db: mongo.Db, eventId: string, count: number): Promise<void> {
  const items = times(ITEMS, () => ({ sectionId: new mongo.ObjectId(), quantity: 1 }));
  const bookings = times(count, (index) => ({
    eventId: new mongo.ObjectId(eventId),
    userId: `user${index}`,
    items,
    quantity: ITEMS,
    status: 'cancelled',
    bookedAt: new Date(index),
    cancelledAt: new Date(index),
  }));
  await db.collection('bookings').insertMany(bookings);
}
