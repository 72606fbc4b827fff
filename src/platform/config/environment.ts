import { existsSync } from 'node:fs';
import type { Environment } from './config.js';

/** The process's environment, with what `.env` in the working folder adds to it. */
export function readEnvironment(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return process.env;
}
