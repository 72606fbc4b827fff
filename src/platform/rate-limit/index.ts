export { rateLimitConfig } from './rate-limit.config.js';
export { RateLimitModule } from './rate-limit.module.js';
export { RateLimitMetrics } from './rate-limit.metrics.js';
