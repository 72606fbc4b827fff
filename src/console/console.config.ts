import { oneOf } from '../platform/config/index.js';

export const consoleConfig = {
  /** Whether the page for operators is served. */
  console: oneOf('CONSOLE', ['on', 'off'], 'on'),
};
