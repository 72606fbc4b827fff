import type { Connection, mongo } from 'mongoose';
import { nativeDb } from './native-db.js';

const READ_TIMEOUT_MS = 5 * 60_000;

/** One moment of the database: everything read in it is read as of then. */
export class Snapshot {
  private constructor(
    private readonly db: mongo.Db,
    private readonly session: mongo.ClientSession,
    private readonly timeoutMs: number,
  ) {}

  /**
   * Runs `read` in one snapshot of what a majority has. It is not a transaction: it holds no locks, and lasts for minutes. MongoDB ends each read
   * after `timeoutMs`, which is `database_unavailable`.
   */
  static async run<Result>(
    connection: Connection,
    read: (snapshot: Snapshot) => Promise<Result>,
    timeoutMs = READ_TIMEOUT_MS,
  ): Promise<Result> {
    const session = connection.getClient().startSession({ snapshot: true });
    try {
      return await read(new Snapshot(nativeDb(connection), session, timeoutMs));
    } finally {
      await session.endSession();
    }
  }

  aggregate<Row extends object>(collection: string, pipeline: object[]): Promise<Row[]> {
    const options = { session: this.session, allowDiskUse: true, maxTimeMS: this.timeoutMs };
    // The connection reads at `majority`, and the driver would keep that in a snapshot's session: each read at its own time.
    return this.db
      .collection(collection, { readConcern: { level: 'snapshot' } })
      .aggregate<Row>(pipeline, options)
      .toArray();
  }
}
