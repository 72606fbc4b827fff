export { failToStart } from './fail-to-start.js';
export { endAtSecondSignal, SHUTDOWN_SIGNALS } from './signals.js';
export { parseArguments } from './parse-arguments.js';
