import { mongo } from 'mongoose';
import { refuseWeak, type StatedWriteConcern } from './connection-string.js';
import { StartupError } from './startup-error.js';

const OLDEST_WIRE_VERSION = 17; // MongoDB 6.0
const TRANSACTION_LIFETIME_LIMIT_SECONDS = 10;

/**
 * Throws a StartupError, one sentence that says what to change, when the deployment behind `client` can't keep the
 * promise: it has to be a replica set whose majority writes are journaled. Returns warnings about what is merely slow.
 */
export async function checkDeployment(client: mongo.MongoClient): Promise<readonly string[]> {
  const admin = client.db('admin');
  const hello = await admin.command({ hello: 1 });
  if (hello['msg'] === 'isdbgrid') {
    throw new StartupError('MONGO_URI names a mongos, which is not supported yet: name a replica set instead.');
  }
  if (typeof hello['setName'] !== 'string') {
    throw standalone();
  }
  if (hello['secondary'] === true) {
    throw new StartupError(
      'MONGO_URI names a secondary directly, which takes no writes: remove directConnection from MONGO_URI.',
    );
  }
  if (hello['maxWireVersion'] < OLDEST_WIRE_VERSION) {
    throw new StartupError('MONGO_URI names a MongoDB older than 6.0: upgrade it to 6.0 or newer.');
  }
  const defaults = await askServer(admin, { getDefaultRWConcern: 1 });
  if (defaults?.['defaultWriteConcernSource'] === 'global') {
    refuseWeak(
      defaults['defaultWriteConcern'] as StatedWriteConcern,
      "The replica set's default is",
      'set it with setDefaultRWConcern to {w: "majority"}',
    );
  }
  const replicaSet = await askServer(admin, { replSetGetConfig: 1 });
  const settings = replicaSet?.['config'] as mongo.Document | undefined;
  if (settings?.['writeConcernMajorityJournalDefault'] === false) {
    throw new StartupError(
      'The replica set acknowledges majority writes before they are journaled: ' +
        'set writeConcernMajorityJournalDefault to true with rs.reconfig().',
    );
  }
  return warnings(admin);
}

/** Says how a standalone server becomes a replica set. */
export function standalone(): StartupError {
  return new StartupError(
    'MONGO_URI names a standalone MongoDB, and transactions need a replica set: ' +
      'start it with --replSet rs0, run rs.initiate() once, and add ?replicaSet=rs0 to MONGO_URI.',
  );
}

async function warnings(admin: mongo.Db): Promise<readonly string[]> {
  const limit = await askServer(admin, { getParameter: 1, transactionLifetimeLimitSeconds: 1 });
  const seconds = Number(limit?.['transactionLifetimeLimitSeconds'] ?? 0);
  if (seconds <= TRANSACTION_LIFETIME_LIMIT_SECONDS) return [];
  return [
    `MongoDB's transactionLifetimeLimitSeconds is ${seconds}: a server killed inside a transaction blocks its event ` +
      `for as long; set it to 5 to ${TRANSACTION_LIFETIME_LIMIT_SECONDS}.`,
  ];
}

const UNAUTHORIZED = 13;

/**
 * The answer, or undefined where this user may not ask: hosted databases hide some of their settings. Throws a StartupError
 * for what every other command would fail by, too.
 */
async function askServer(admin: mongo.Db, command: mongo.Document): Promise<mongo.Document | undefined> {
  return admin.command(command).catch((error: unknown) => {
    if (
      error instanceof mongo.MongoServerError &&
      error.code === UNAUTHORIZED &&
      /authentication/.test(error.message)
    ) {
      throw new StartupError('MongoDB asks for a user and a password, and MONGO_URI names none: add them to it.');
    }
    return undefined;
  });
}
