export * from './config.js';
export { readEnvironment } from './environment.js';
