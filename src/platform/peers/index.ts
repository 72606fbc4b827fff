export { Messenger, type Wire } from './messenger.js';
export { Alone, Peers } from './peers.js';
