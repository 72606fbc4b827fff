import type { Connection, mongo } from 'mongoose';
import { nativeDb } from './native-db.js';

const READ_TIMEOUT_MS = 5 * 60_000;

/** One moment of the database: everything read in it is read as of then. */
export class Snapshot {
  private constructor(
    private readonly db: mongo.Db,
    private readonly session: mongo.ClientSession,
  ) {}

  /** Runs `read` in one snapshot. It is not a transaction: it holds no locks, and lasts for minutes. */
  static async run<Result>(connection: Connection, read: (snapshot: Snapshot) => Promise<Result>): Promise<Result> {
    const session = connection.getClient().startSession({ snapshot: true });
    try {
      return await read(new Snapshot(nativeDb(connection), session));
    } finally {
      await session.endSession();
    }
  }

  aggregate<Row extends object>(collection: string, pipeline: object[]): Promise<Row[]> {
    const options = { session: this.session, allowDiskUse: true, maxTimeMS: READ_TIMEOUT_MS };
    // The connection reads at `majority`, and the driver would keep that in a snapshot's session: each read at its own time.
    return this.db
      .collection(collection, { readConcern: { level: 'snapshot' } })
      .aggregate<Row>(pipeline, options)
      .toArray();
  }
}
