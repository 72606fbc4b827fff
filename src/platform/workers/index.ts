export { Primary } from './primary.js';
export { Worker } from './worker.js';
export { WorkerPeers } from './worker-peers.js';
export { workersConfig } from './workers.config.js';
