import { type Connection, createConnection, mongo } from 'mongoose';
import { type Environment, readConfig } from '../config/index.js';
import { databaseConfig } from './database.config.js';
import { isUnavailable } from './database.problems.js';
import { refuseBadUri } from './connection-string.js';
import { connectionOptions } from './database.js';
import { checkDeployment } from './deployment.js';
import { DATA_FOLDER, EmbeddedMongo } from './embedded-mongo.js';
import { StartupError, toStartupError } from './startup-error.js';
import { whyUnreachable } from './why-unreachable.js';

/**
 * Runs a command's `work` on the database at `argument`, else at MONGO_URI, else on the embedded MongoDB, which is
 * started for as long as it takes, unless a server runs it. Throws a StartupError where there is none, a ConfigError for
 * a bad MONGO_URI, and what `work` throws.
 */
export async function withDatabase<Result>(
  argument: string | undefined,
  environment: Environment,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  if (argument !== undefined) return workOn(argument, work).catch(sayingUri);
  const { mongoUri } = readConfig(databaseConfig, environment);
  if (mongoUri !== undefined) return workOn(mongoUri, work);
  const embedded = new EmbeddedMongo(DATA_FOLDER, environment, (line) => console.error(line));
  try {
    const address = (await embedded.findRunning()) ?? (await embedded.start());
    return await workOn(address, work);
  } finally {
    await embedded.stop();
  }
}

/** Names the argument where MONGO_URI is meant otherwise. */
function sayingUri(error: unknown): never {
  throw error instanceof StartupError ? new StartupError(error.message.replaceAll('MONGO_URI', '--uri')) : error;
}

async function workOn<Result>(uri: string, work: (connection: Connection) => Promise<Result>): Promise<Result> {
  await refuseBadUri(uri);
  const connection = createConnection();
  try {
    await connection.openUri(uri, connectionOptions(uri)).catch(async (error: unknown) => {
      throw new StartupError((await whyUnreachable(uri, error)).text);
    });
    await checkDeployment(connection.getClient());
    return await work(connection);
  } catch (error) {
    throw toStartupError(sayingWhy(error));
  } finally {
    await connection.close();
  }
}

const SNAPSHOT_TOO_OLD = 239;

/** Explains what a command can't mend: its database went away, or keeps no moment for as long as it needs. */
function sayingWhy(error: unknown): unknown {
  if (error instanceof mongo.MongoServerError && error.code === SNAPSHOT_TOO_OLD) {
    return new StartupError(
      'MongoDB no longer has the moment that was being read: raise its minSnapshotHistoryWindowInSeconds (300).',
    );
  }
  return isUnavailable(error)
    ? new StartupError('The MongoDB in MONGO_URI stopped answering: see that it runs, and start the command again.')
    : error;
}
