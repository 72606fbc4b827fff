import { type CollectionSpec, indexesOf } from '../../platform/database/index.js';
import { BookingSchema, bookingValidator } from './booking.schema.js';
import { userTicketsValidator } from './user-tickets.schema.js';

export const bookingsCollection: CollectionSpec = {
  name: 'bookings',
  validator: { version: 1, rules: bookingValidator, unmarked: ['ca1ec74d29100e36'] },
  indexes: indexesOf(BookingSchema),
};

export const userTicketsCollection: CollectionSpec = {
  name: 'userTickets',
  validator: { version: 1, rules: userTicketsValidator, unmarked: [] },
  indexes: [],
};
