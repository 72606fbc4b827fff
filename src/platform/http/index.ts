export { corsHeaders, type CorsOptions } from './cors.js';
export { createHttpAdapter, NEST_OPTIONS } from './adapter.js';
export { httpConfig } from './http.config.js';
export { HttpMetrics } from './http.metrics.js';
export { Shutdown, SHUTDOWN_TIMES, shuttingDown, type ShutdownTimes } from './shutdown.js';
export { BodyLimit, prepareServer } from './server.js';
export { MERGE_PATCH } from './json-body.js';
