import { type ConfigOf, integer } from '../config/index.js';

export const metricsConfig = {
  /** Where the metrics are served without a key; 0: at `/metrics` of the API, for keys that operate. */
  metricsPort: integer('METRICS_PORT', { fallback: 0, min: 0, max: 65_535 }),
};

/** `host`: the address that the server listens on. */
export type MetricsConfig = ConfigOf<typeof metricsConfig> & { readonly host: string };
export const METRICS_CONFIG = Symbol('METRICS_CONFIG');
