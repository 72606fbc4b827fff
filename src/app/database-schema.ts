import { bookingsCollection, userTicketsCollection } from '../bookings/index.js';
import { eventsCollections } from '../events/index.js';
import { apiKeysCollection } from '../platform/auth/index.js';
import type { CollectionSpec, Migration } from '../platform/database/index.js';
import { seedImport } from '../seed-import/index.js';

/** All that the product stores: every start checks it, and makes again what is missing. */
export const collections: readonly CollectionSpec[] = [
  ...eventsCollections,
  bookingsCollection,
  userTicketsCollection,
  apiKeysCollection,
];

/**
 * Changes of data, in the order in which they run; their recorded ids never change. Earlier releases have recorded 0002
 * to 0006, which made collections and indexes: the next is 0007.
 */
export const migrations: readonly Migration[] = [seedImport];
