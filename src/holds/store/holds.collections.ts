import { type CollectionSpec, indexesOf } from '../../platform/database/index.js';
import { HoldSchema, holdValidator } from './hold.schema.js';

export const holdsCollection: CollectionSpec = {
  name: 'holds',
  validator: { version: 1, rules: holdValidator, unmarked: [] },
  indexes: indexesOf(HoldSchema),
};
