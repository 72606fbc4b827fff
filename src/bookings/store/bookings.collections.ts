import { type CollectionSpec, indexesOf } from '../../platform/database/index.js';
import { BookingSchema, bookingValidator } from './booking.schema.js';
import { BookingChangeSchema, bookingChangeValidator } from './booking-change.schema.js';
import { userTicketsValidator } from './user-tickets.schema.js';

export const bookingsCollection: CollectionSpec = {
  name: 'bookings',
  validator: { version: 1, rules: bookingValidator, unmarked: ['ca1ec74d29100e36'] },
  indexes: indexesOf(BookingSchema),
  retiredIndexes: [
    'cancelled',
    'eventId_1_bookedAt_-1__id_-1',
    'userId_1_bookedAt_-1__id_-1',
    'eventId_1_userId_1_bookedAt_-1__id_-1',
  ],
};

export const bookingChangesCollection: CollectionSpec = {
  name: 'bookingChanges',
  validator: { version: 1, rules: bookingChangeValidator, unmarked: [] },
  indexes: indexesOf(BookingChangeSchema),
};

export const userTicketsCollection: CollectionSpec = {
  name: 'userTickets',
  validator: { version: 1, rules: userTicketsValidator, unmarked: [] },
  indexes: [],
};
