import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, mongo } from 'mongoose';
import { type Attempt, type Attempted, backOffMs, type FailureReason } from '../../common/transaction-attempt.js';
import { Clock } from '../../common/clock.js';
import { DatabaseMetrics } from './database.metrics.js';
import { databaseUnavailable, isConflict, isUnavailable, outcomeUnknown } from './database.problems.js';

/** A transaction that is open: what every write takes as its first argument. */
export interface Tx {
  readonly session: mongo.ClientSession;
  /**
   * Only the first attempt may plan on memory. One that follows a commit looks for what that has done: the commit was
   * said to have failed, but no ticket should depend on an error's label.
   */
  readonly attempt: Pick<Attempt, 'number' | 'mayHaveCommitted'>;
}

/** Database work only, one operation after another: it runs again after a conflict. */
export type Work<Result> = (tx: Tx) => Promise<Result>;

/** Thrown by work that used data which has changed since: it is run again. */
export class Outdated extends Error {}

interface Progress {
  commitSent: boolean;
  expired: boolean;
  /** Whether an earlier attempt had sent its commit. */
  readonly mayHaveCommitted: boolean;
}

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
    private readonly metrics: DatabaseMetrics,
  ) {}

  /**
   * The result of `work`, once it is committed to a majority and journaled.
   * At `deadline` (of the monotonic clock) it throws `database_unavailable` when no commit was sent, so that nothing
   * has changed, and else `outcome_unknown`. Errors of `work` that are not the database's condition pass through.
   */
  async run<Result>(deadline: number, work: Work<Result>): Promise<Result> {
    let mayHaveCommitted = false;
    for (let number = 1; ; number++) {
      const attempted: Attempted<Result> = await this.attempt({ number, mayHaveCommitted, deadline }, work);
      if (attempted.kind === 'committed') return attempted.result;
      if (this.clock.monotonic() >= deadline) throw attempted.problem;
      mayHaveCommitted ||= attempted.commitSent;
      await this.clock.sleep(backOffMs(number));
    }
  }

  /** One attempt. Throws `outcome_unknown` at its deadline when the commit was sent, and what `work` throws as `run` does. */
  attempt<Result>(attempt: Attempt, work: Work<Result>): Promise<Attempted<Result>> {
    const progress: Progress = { commitSent: false, expired: false, mayHaveCommitted: attempt.mayHaveCommitted };
    return new Promise((resolve, reject) => {
      // A command can't be interrupted, so the caller is answered by this timer, whatever the command does.
      const takeBack = this.clock.after(Math.max(0, attempt.deadline - this.clock.monotonic()), () => {
        progress.expired = true;
        if (progress.commitSent) {
          this.metrics.countUnknownCommit('unknown');
          reject(outcomeUnknown());
        } else resolve(failed(progress, 'unavailable'));
      });
      void this.tryOnce(attempt, work, progress).then(resolve, reject).finally(takeBack);
    });
  }

  private async tryOnce<Result>(attempt: Attempt, work: Work<Result>, progress: Progress): Promise<Attempted<Result>> {
    const session = this.connection.getClient().startSession();
    try {
      session.startTransaction(OPTIONS);
      const result = await work({ session, attempt });
      const isCommitted = await this.commit(session, progress);
      return isCommitted ? { kind: 'committed', result } : failed(progress, 'unavailable');
    } catch (error) {
      if (error instanceof Outdated) return failed(progress, 'outdated');
      if (!isUnavailable(error)) throw error;
      return failed(progress, isConflict(error) ? 'conflict' : 'unavailable');
    } finally {
      // Aborts what was not committed, without waiting for it.
      session.endSession().catch(() => undefined);
    }
  }

  /** True when the transaction is committed, false when it certainly is not; in between it asks again. */
  private async commit(session: mongo.ClientSession, progress: Progress): Promise<boolean> {
    for (let number = 1; !progress.expired; number++) {
      progress.commitSent = true;
      try {
        await session.commitTransaction();
        if (number > 1) this.metrics.countUnknownCommit('committed');
        return true;
      } catch (error) {
        if (error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError')) {
          if (number > 1) this.metrics.countUnknownCommit('aborted');
          return false;
        }
        await this.clock.sleep(backOffMs(number));
      }
    }
    if (!progress.commitSent) return false;
    throw outcomeUnknown();
  }
}

function failed({ commitSent, mayHaveCommitted }: Progress, reason: FailureReason): Attempted<never> {
  return {
    kind: 'failed',
    reason,
    commitSent,
    problem: commitSent || mayHaveCommitted ? outcomeUnknown() : databaseUnavailable(),
  };
}
