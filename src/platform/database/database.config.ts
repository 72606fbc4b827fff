import { text } from '../config/index.js';

export const databaseConfig = {
  /** Undefined: the embedded MongoDB. */
  mongoUri: text(
    'MONGO_URI',
    /^mongodb(\+srv)?:\/\/[^\s/]+(\/\S*)?$/,
    'a MongoDB connection string, such as mongodb://localhost:27017/ticket-booking?replicaSet=rs0',
    undefined,
  ),
};
