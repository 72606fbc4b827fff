import { ensureCollection, ensureIndexes, type Migration } from '../platform/database/index.js';
import { EventSchema } from './schemas/event.schema.js';
import { eventValidator, movementValidator } from './schemas/event.validator.js';
import { MovementSchema } from './inventory/movement.schema.js';

/** Runs after the import, which makes the seed's events pass the validator. */
export const eventsMigrations: readonly Migration[] = [
  {
    id: '0002-events',
    async up(db) {
      await ensureCollection(db, 'events', eventValidator);
      await ensureIndexes(db, 'events', EventSchema);
      await ensureCollection(db, 'movements', movementValidator);
      await ensureIndexes(db, 'movements', MovementSchema);
    },
  },
  { id: '0004-event-keys', up: (db) => ensureIndexes(db, 'events', EventSchema) },
];
