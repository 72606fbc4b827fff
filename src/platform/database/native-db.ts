import { type Connection, type mongo, Types } from 'mongoose';
import { databaseUnavailable } from './database.problems.js';

/** The native database of a connection that is open. */
export function nativeDb(connection: Connection): mongo.Db {
  if (!connection.db) throw databaseUnavailable();
  return connection.db;
}

/** A moment of the database's own time, by which its writes are ordered. */
export type Moment = mongo.Timestamp;

/** What migrations work on, so that they need no driver of their own. */
export type Db = mongo.Db;
export type ObjectId = Types.ObjectId;

/** The id with these 24 hex digits. */
export function toObjectId(digits: string): ObjectId {
  return new Types.ObjectId(digits);
}
