import { oneOf, text } from '../config/index.js';

export const databaseConfig = {
  /** Undefined: the embedded MongoDB. */
  mongoUri: text(
    'MONGO_URI',
    /^mongodb(\+srv)?:\/\/[^\s/]+(\/\S*)?$/,
    'a MongoDB connection string, such as mongodb://localhost:27017/ticket-booking?replicaSet=rs0',
    undefined,
  ),
  /** `done` says that no server of an earlier release uses the database. */
  upgrade: oneOf('UPGRADE', ['auto', 'done'], 'auto'),
};
