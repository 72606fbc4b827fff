export { LIVE_CONFIG, liveConfig } from './live.config.js';
export { LiveModule } from './live.module.js';
