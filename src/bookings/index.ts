export { BOOKINGS_CONFIG, bookingsConfig } from './bookings.config.js';
export { bookingsMigrations, seedImport } from './bookings.migrations.js';
export { BookingsModule } from './bookings.module.js';
