export { createLog, LOG, type Log, loggingConfig, nestLogger } from './log.js';
