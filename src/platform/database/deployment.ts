import { mongo } from 'mongoose';
import { StartupError } from './startup-error.js';

const OLDEST_WIRE_VERSION = 17; // MongoDB 6.0
const TRANSACTION_LIFETIME_LIMIT_SECONDS = 10;

/** A write concern as MongoDB reports it, or as a URI states it. */
interface StatedWriteConcern {
  readonly w?: unknown;
  readonly j?: unknown;
}

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

/**
 * Throws a StartupError when `uri` asks for a replica set where a standalone MongoDB runs: the driver only says that it
 * finds no such set. Returns when that is not known: the server may be starting, or not be asked directly.
 */
export async function refuseStandalone(uri: string): Promise<void> {
  const address = uri.replace(/([?&])replicaSet=[^&]*&?/i, '$1');
  let hello: mongo.Document | undefined;
  try {
    const client = new mongo.MongoClient(address, { directConnection: true, serverSelectionTimeoutMS: 1_000 });
    hello = await client
      .db('admin')
      .command({ hello: 1 })
      .finally(() => client.close());
  } catch {
    return;
  }
  // A member of a set that is not initiated yet says `isreplicaset`.
  if (hello['setName'] === undefined && !hello['isreplicaset'] && hello['msg'] !== 'isdbgrid') throw standalone();
}

function standalone(): StartupError {
  return new StartupError(
    'MONGO_URI names a standalone MongoDB, and transactions need a replica set: ' +
      'start it with --replSet rs0, run rs.initiate() once, and add ?replicaSet=rs0 to MONGO_URI.',
  );
}

/** Throws a StartupError when `uri` is no connection string, or asks for a write concern that can lose bookings. */
export function refuseWeakUri(uri: string): void {
  const client = parse(uri);
  refuseWeak(
    client.options.writeConcern,
    'MONGO_URI asks for',
    'remove w and journal from MONGO_URI, so that a majority acknowledges',
  );
}

function parse(uri: string): mongo.MongoClient {
  try {
    return new mongo.MongoClient(uri);
  } catch (error) {
    throw new StartupError(`MONGO_URI is not a valid MongoDB connection string: ${(error as Error).message}.`);
  }
}

function refuseWeak(concern: StatedWriteConcern | undefined, who: string, remedy: string): void {
  const isWeak = (concern?.w !== undefined && concern.w !== 'majority') || concern?.j === false;
  if (!isWeak) return;
  const stated = JSON.stringify({ w: concern.w, ...(concern.j === false && { j: false }) });
  throw new StartupError(`${who} the write concern ${stated}, which can lose acknowledged bookings: ${remedy}.`);
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

/** The answer, or undefined where this user may not ask: hosted databases hide some of their settings. */
async function askServer(admin: mongo.Db, command: mongo.Document): Promise<mongo.Document | undefined> {
  return admin.command(command).catch(() => undefined);
}
