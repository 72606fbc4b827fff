import { BOOKINGS_OF_USER, bookingsRecount, userTicketsRecount } from '../bookings/index.js';
import type { RecountSource, UserTicketsSource } from '../events/index.js';
import { HOLDS_OF_USER, holdsRecount } from '../holds/index.js';
import { requestsRecount } from '../requests/index.js';
import { waitlistRecount } from '../waitlist/index.js';

/** The documents that say how many tickets a user has of an event. */
export const userTicketsSources: readonly UserTicketsSource[] = [
  { collection: 'bookings', status: 'confirmed', index: BOOKINGS_OF_USER },
  { collection: 'holds', status: 'active', index: HOLDS_OF_USER },
];

/** What a recount compares with the counts of an event: one source for each kind of document that names it. */
export const recountSources: readonly RecountSource[] = [
  bookingsRecount,
  holdsRecount,
  waitlistRecount,
  requestsRecount,
  userTicketsRecount(userTicketsSources),
];
