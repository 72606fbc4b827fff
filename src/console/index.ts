export { consoleConfig } from './console.config.js';
export { ConsoleModule } from './console.module.js';
