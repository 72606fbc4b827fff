export { BOOKINGS_CONFIG, bookingsConfig } from './bookings.config.js';
export { bookingsCollection, userTicketsCollection } from './store/bookings.collections.js';
export { BookingsModule } from './bookings.module.js';
export { BookingsService } from './bookings.service.js';
export { bookingsRecount } from './store/bookings.recount.js';
export { userTicketsRecount } from './store/user-tickets.recount.js';
export { CommandRegistry } from './command-registry.js';
