import { type CollectionSpec, indexesOf } from '../../platform/database/index.js';
import { EntrySchema, entryValidator } from './entry.schema.js';

export const waitlistCollection: CollectionSpec = {
  name: 'waitlistEntries',
  validator: { version: 1, rules: entryValidator, unmarked: [] },
  indexes: indexesOf(EntrySchema),
};
