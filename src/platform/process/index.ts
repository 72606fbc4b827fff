export { failToStart } from './fail-to-start.js';
