import { parseArgs, type ParseArgsConfig } from 'node:util';
import { StartupError } from '../database/index.js';

/** The arguments of a command. Throws a StartupError that says what is wrong with them, and how the command is called. */
export function parseArguments<Config extends ParseArgsConfig>(
  config: Config,
  usage: string,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new StartupError(`${(error as Error).message}\n${usage}`);
  }
}
