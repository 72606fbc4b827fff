import { type ConfigOf, integer } from '../platform/config/index.js';

export const liveConfig = {
  /** How many streams this process keeps open at a time. */
  maxStreams: integer('MAX_STREAMS', { fallback: 2_000, min: 0, max: 100_000 }),
};

export type LiveConfig = ConfigOf<typeof liveConfig>;
export const LIVE_CONFIG = Symbol('LIVE_CONFIG');
