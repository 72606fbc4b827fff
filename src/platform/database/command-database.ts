import type { ConnectOptions } from 'mongoose';
import type { Environment } from '../config/index.js';
import { connectionOptions } from './database.js';
import { EmbeddedMongo } from './embedded-mongo.js';

/**
 * Runs a command's `work` on the database at `uri`; without one on the embedded MongoDB, which is started for as long
 * as it takes, unless a server runs it. Throws what `EmbeddedMongo.start` and `work` throw.
 */
export async function withDatabaseUri<Result>(
  uri: string | undefined,
  environment: Environment,
  work: (uri: string, options: ConnectOptions) => Promise<Result>,
): Promise<Result> {
  if (uri !== undefined) return work(uri, connectionOptions(uri));
  const embedded = new EmbeddedMongo('data', environment, (line) => console.error(line));
  try {
    const address = (await embedded.findRunning()) ?? (await embedded.start());
    return await work(address, connectionOptions(address));
  } finally {
    await embedded.stop();
  }
}
