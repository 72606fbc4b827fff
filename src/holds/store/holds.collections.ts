import { type CollectionSpec, indexesOf } from '../../platform/database/index.js';
import { HoldSchema, holdValidator } from './hold.schema.js';

export const holdsCollection: CollectionSpec = {
  name: 'holds',
  validator: { version: 1, rules: holdValidator, unmarked: [] },
  indexes: indexesOf(HoldSchema),
  retiredIndexes: [
    'expiresAt_1',
    'eventId_1_userId_1',
    'createdAt_-1__id_-1',
    'eventId_1_createdAt_-1__id_-1',
    'userId_1_createdAt_-1__id_-1',
    'refunds',
  ],
};
