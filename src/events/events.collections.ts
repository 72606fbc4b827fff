import { type CollectionSpec, indexesOf } from '../platform/database/index.js';
import { MovementSchema } from './inventory/movement.schema.js';
import { EventEditSchema, eventEditValidator } from './schemas/event-edit.schema.js';
import { EventSchema } from './schemas/event.schema.js';
import { eventValidator, movementValidator } from './schemas/event.validator.js';

export const eventsCollection: CollectionSpec = {
  name: 'events',
  validator: { version: 1, rules: eventValidator, unmarked: ['499da56721409521'] },
  indexes: indexesOf(EventSchema),
  retiredIndexes: ['available'],
};

const movementsCollection: CollectionSpec = {
  name: 'movements',
  validator: { version: 4, rules: movementValidator, unmarked: ['00856c765314f535'] },
  indexes: indexesOf(MovementSchema),
};

export const eventEditsCollection: CollectionSpec = {
  name: 'eventEdits',
  validator: { version: 1, rules: eventEditValidator, unmarked: [] },
  indexes: indexesOf(EventEditSchema),
};

export const eventsCollections: readonly CollectionSpec[] = [
  eventsCollection,
  movementsCollection,
  eventEditsCollection,
];
