export { Messenger, type Wire } from './messenger.js';
