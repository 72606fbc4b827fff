import { bookingsRecount, userTicketsRecount } from '../bookings/index.js';
import type { RecountSource } from '../events/index.js';

/** What a recount compares with the counts of an event: one source for each kind of document that names it. */
export const recountSources: readonly RecountSource[] = [bookingsRecount, userTicketsRecount];
