import { type ConfigOf, integer } from '../platform/config/index.js';

export const waitlistConfig = {
  /** For how long tickets are offered to who waited for them. */
  offerSeconds: integer('OFFER_SECONDS', { fallback: 600, min: 1, max: 86_400 }),
};

export type WaitlistConfig = ConfigOf<typeof waitlistConfig>;
export const WAITLIST_CONFIG = Symbol('WAITLIST_CONFIG');
