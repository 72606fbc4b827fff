import { bookingChangesCollection, bookingsCollection, userTicketsCollection } from '../bookings/index.js';
import { erasuresCollection } from '../erasure/index.js';
import { eventsCollections } from '../events/index.js';
import { holdsCollection } from '../holds/index.js';
import { apiKeysCollection } from '../platform/auth/index.js';
import { RELEASES } from '../common/releases.js';
import type { CollectionSpec, Migration, Release } from '../platform/database/index.js';
import { secretsCollection } from '../platform/peers/index.js';
import { requestsCollection } from '../requests/index.js';
import { waitlistCollection } from '../waitlist/index.js';
import { seedImport } from '../seed-import/index.js';

/** All that the product stores: every start checks it, and makes again what is missing. */
export const collections: readonly CollectionSpec[] = [
  ...eventsCollections,
  bookingsCollection,
  bookingChangesCollection,
  userTicketsCollection,
  holdsCollection,
  waitlistCollection,
  requestsCollection,
  erasuresCollection,
  apiKeysCollection,
  secretsCollection,
];

/** Changes of data, in the order in which they run. Their recorded ids never change; the next one is 0010. */
export const migrations: readonly Migration[] = [seedImport];

/** They made collections and indexes, which every start does now. */
export const retiredMigrations: readonly string[] = [
  '0002-events',
  '0003-bookings',
  '0004-event-keys',
  '0005-booking-keys',
  '0006-api-keys',
];

/** What servers of the release before would misread. */
export const releases: readonly [Release, ...Release[]] = [
  /** They do not expire holds, and refuse movements of holds. */
  { number: RELEASES.holds, migration: '0007-holds' },
  /** They give to anybody what became free, although somebody waits. */
  { number: RELEASES.waitlist, migration: '0008-waitlist' },
  /** They let anybody overtake requests that wait in a queue. */
  { number: RELEASES.queue, migration: '0009-queue' },
];
