export { databaseConfig } from './database.config.js';
export { Database, type DatabaseOptions, type Db, nativeDb, newObjectId, type ObjectId, PATIENT } from './database.js';
export { DatabaseModule } from './database.module.js';
export { databaseUnavailable, outcomeUnknown, toDatabaseProblem } from './database.problems.js';
export { EmbeddedMongo } from './embedded-mongo.js';
export { ensureCollection, ensureIndexes, type Migration } from './migrations.js';
export { WithoutDatabase } from './ready.guard.js';
export { StartupError, StoppedEarly } from './startup-error.js';
export { Transactions, type Tx, type Work } from './transactions.js';
