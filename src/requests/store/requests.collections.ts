import { type CollectionSpec, indexesOf } from '../../platform/database/index.js';
import { RequestSchema, requestValidator } from './request.schema.js';

export const requestsCollection: CollectionSpec = {
  name: 'requests',
  validator: { version: 1, rules: requestValidator, unmarked: [] },
  indexes: indexesOf(RequestSchema),
};
