import { type ConfigOf, integer } from '../platform/config/index.js';

export const bookingsConfig = {
  maxTicketsPerBooking: integer('MAX_TICKETS_PER_BOOKING', { fallback: 10, min: 1, max: 1_000 }),
};

export type BookingsConfig = ConfigOf<typeof bookingsConfig>;
export const BOOKINGS_CONFIG = Symbol('BOOKINGS_CONFIG');
