import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, mongo } from 'mongoose';
import { Clock } from '../../common/clock.js';
import { databaseUnavailable, isUnavailable, outcomeUnknown } from './database.problems.js';

/** A transaction that is open: what every write takes as its first argument. */
export interface Tx {
  readonly session: mongo.ClientSession;
  /**
   * 1 for the first run, which may rest on what is remembered. A later one reads, and looks for what an earlier one has
   * done: it only follows a commit that is said to have failed, but no ticket should hang on what an error's label says.
   */
  readonly attempt: number;
}

/** Database work only, one operation after another: it runs again after a conflict. */
export type Work<Result> = (tx: Tx) => Promise<Result>;

/** Thrown by work that rests on something that has changed: it is run again. */
export class Outdated extends Error {}

interface Progress {
  commitSent: boolean;
  expired: boolean;
}

const BACKOFF_BASE_MS = 2;
const BACKOFF_MAX_MS = 100;
const OPTIONS: mongo.TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
};

/** Runs work in MongoDB transactions, with our own retries: the driver's are bounded by 120 seconds alone. */
@Injectable()
export class Transactions {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly clock: Clock,
  ) {}

  /**
   * The result of `work`, once it is committed to a majority and journaled.
   * At `deadline` (of the monotonic clock) it throws `database_unavailable` when no commit was sent, so that nothing
   * has changed, and else `outcome_unknown`. Errors of `work` that are not the database's condition pass through.
   */
  run<Result>(deadline: number, work: Work<Result>): Promise<Result> {
    const progress: Progress = { commitSent: false, expired: false };
    return new Promise((resolve, reject) => {
      // A command can't be interrupted, so the caller is answered by this timer, whatever the command does.
      const takeBack = this.clock.after(Math.max(0, deadline - this.clock.monotonic()), () => {
        progress.expired = true;
        reject(progress.commitSent ? outcomeUnknown() : databaseUnavailable());
      });
      void this.runUntilDone(work, progress).then(resolve, reject).finally(takeBack);
    });
  }

  private async runUntilDone<Result>(work: Work<Result>, progress: Progress): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      const session = this.connection.getClient().startSession();
      try {
        session.startTransaction(OPTIONS);
        const result = await work({ session, attempt });
        if (await this.commit(session, progress)) return result;
      } catch (error) {
        if (!(error instanceof Outdated) && !isUnavailable(error)) throw error;
      } finally {
        // Aborts what was not committed; nobody waits for it.
        session.endSession().catch(() => undefined);
      }
      if (progress.expired) throw databaseUnavailable();
      await this.backOff(attempt);
    }
  }

  /** True when the transaction is committed, false when it certainly is not; in between it asks again. */
  private async commit(session: mongo.ClientSession, progress: Progress): Promise<boolean> {
    for (let attempt = 1; !progress.expired; attempt++) {
      progress.commitSent = true;
      try {
        await session.commitTransaction();
        return true;
      } catch (error) {
        if (error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError')) {
          progress.commitSent = false;
          return false;
        }
        await this.backOff(attempt);
      }
    }
    throw outcomeUnknown();
  }

  private backOff(attempt: number): Promise<void> {
    const limit = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 10));
    return this.clock.sleep(Math.random() * limit);
  }
}
