import { readFileSync } from 'node:fs';
import { ConfigError, type Environment } from './config.js';

const FILE = '.env';

/** The process's environment, with what `.env` in the working folder adds to it. Throws a ConfigError where that is no file. */
export function readEnvironment(): Environment {
  if (isThere()) process.loadEnvFile(FILE);
  return process.env;
}

/** Reads it, since Node.js takes a file that may not be read for none. */
function isThere(): boolean {
  try {
    readFileSync(FILE);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    throw new ConfigError([`${FILE} can not be read (${code}): make it a file that this user may read, or remove it`]);
  }
}
