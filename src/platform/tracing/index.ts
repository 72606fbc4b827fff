export { createTracing } from './create-tracing.js';
export { tracingConfig } from './tracing.config.js';
export { type Linked, type NewSpan, NoTracing, Tracing } from './tracing.js';
