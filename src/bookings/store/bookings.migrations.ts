import { ensureCollection, ensureIndexes, type Migration } from '../../platform/database/index.js';
import { userTicketsValidator } from './user-tickets.schema.js';
import { BookingSchema, bookingValidator } from './booking.schema.js';

export const bookingsMigrations: readonly Migration[] = [
  {
    id: '0003-bookings',
    async up(db) {
      await ensureCollection(db, 'bookings', bookingValidator);
      await ensureIndexes(db, 'bookings', BookingSchema);
    },
  },
  { id: '0007-user-tickets', up: (db) => ensureCollection(db, 'userTickets', userTicketsValidator) },
  { id: '0005-booking-keys', up: (db) => ensureIndexes(db, 'bookings', BookingSchema) },
];
