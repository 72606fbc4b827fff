export { createLog, LOG, type Log, loggingConfig, logOptions, nestLogger } from './log.js';
