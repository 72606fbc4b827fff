export { type Handler, Messenger, type Silence, type Wire } from './messenger.js';
export { Alone, Peers } from './peers.js';
