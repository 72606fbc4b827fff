import { type ConfigOf, integer } from '../platform/config/index.js';

export const holdsConfig = {
  /** For how long tickets are held where the request does not say. */
  holdSeconds: integer('HOLD_SECONDS', { fallback: 600, min: 1, max: 3_600 }),
  /** For how long a hold may last with all of its extensions. */
  maxHoldSeconds: integer('MAX_HOLD_SECONDS', { fallback: 3_600, min: 1, max: 86_400 }),
  /** How many active holds of one event a user may have. */
  maxHoldsPerUser: integer('MAX_HOLDS_PER_USER', { fallback: 5, min: 1, max: 100 }),
};

export type HoldsConfig = ConfigOf<typeof holdsConfig>;
export const HOLDS_CONFIG = Symbol('HOLDS_CONFIG');
