import { type Connection, createConnection } from 'mongoose';
import { type Environment, readConfig } from '../config/index.js';
import { databaseConfig } from './database.config.js';
import { connectionOptions, explainConnectError } from './database.js';
import { DATA_FOLDER, EmbeddedMongo } from './embedded-mongo.js';
import { StartupError } from './startup-error.js';

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
  const uri = argument ?? readConfig(databaseConfig, environment).mongoUri;
  if (uri !== undefined) return workOn(uri, work);
  const embedded = new EmbeddedMongo(DATA_FOLDER, environment, (line) => console.error(line));
  try {
    const address = (await embedded.findRunning()) ?? (await embedded.start());
    return await workOn(address, work);
  } finally {
    await embedded.stop();
  }
}

async function workOn<Result>(uri: string, work: (connection: Connection) => Promise<Result>): Promise<Result> {
  const connection = createConnection();
  try {
    await connection.openUri(uri, connectionOptions(uri)).catch((error: unknown) => {
      throw new StartupError(explainConnectError(error).text);
    });
    return await work(connection);
  } finally {
    await connection.close();
  }
}
