import { mongo } from 'mongoose';
import { times } from './race.js';

export const ITEMS = 2;
/** With it, the rows of each of these bookings are some 2.6 kB. */
const LONG_NAME = '.'.repeat(1_200);

/** Stores cancelled bookings of the event, with long names. */
export async function insertLargeBookings(db: mongo.Db, eventId: string, count: number): Promise<void> {
  const items = times(ITEMS, () => ({ sectionId: new mongo.ObjectId(), quantity: 1 }));
  const bookings = times(count, (index) => ({
    eventId: new mongo.ObjectId(eventId),
    userId: `user${index}${LONG_NAME}`,
    items,
    quantity: ITEMS,
    status: 'cancelled',
    bookedAt: new Date(index),
    cancelledAt: new Date(index),
  }));
  await db.collection('bookings').insertMany(bookings);
}
