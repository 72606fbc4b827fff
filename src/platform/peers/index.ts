export { decode, encode } from './codec.js';
export { Messenger, type Wire } from './messenger.js';
export { Alone, Peers } from './peers.js';
export { PeersMetrics } from './peers.metrics.js';
export { secretsCollection, ServersSecretRepository } from './servers-secret.repository.js';
export { nameOfSecret, seal, unseal } from './seal.js';
export { SlotPeers } from './slot-peers.js';
