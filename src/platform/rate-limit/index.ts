export { rateLimitConfig } from './rate-limit.config.js';
export { RateLimitModule } from './rate-limit.module.js';
