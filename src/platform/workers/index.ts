export { Primary } from './primary.js';
export { Workers } from './worker.js';
export { workersConfig } from './workers.config.js';
