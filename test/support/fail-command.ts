import type { mongo } from 'mongoose';

/** What mongod does to a command instead of, or after, running it. */
export interface Failure {
  readonly failCommands: readonly string[];
  readonly errorCode?: number;
  /** The command is run, and its answer says that this happened. */
  readonly writeConcernError?: { readonly code: number; readonly errmsg: string };
  /** What the answer calls the error, instead of what mongod would. */
  readonly errorLabels?: readonly string[];
  /** The command is not run, and its caller gets no answer. */
  readonly closeConnection?: boolean;
  /** The command is not run before this time has passed. */
  readonly blockConnection?: boolean;
  readonly blockTimeMS?: number;
  /** Only what clients of this name send. */
  readonly appName?: string;
}

/** Above the driver's own retry, which tries once more. */
export const MORE_THAN_THE_DRIVER_RETRIES = 4;

export const COMMIT_APPLIED_BUT_UNANSWERED: Failure = {
  failCommands: ['commitTransaction'],
  writeConcernError: { code: 91, errmsg: 'the answer is lost' },
};
export const COMMIT_NEITHER_APPLIED_NOR_ANSWERED: Failure = {
  failCommands: ['commitTransaction'],
  closeConnection: true,
};

/** Makes mongod's next `times` commands of these kinds fail. Returns what waits until one of them has begun to. */
export async function failNext(db: mongo.Db, times: number, failure: Failure): Promise<() => Promise<void>> {
  const entered = await configure(db, { times }, failure);
  const wait = { waitForFailPoint: 'failCommand', timesEntered: entered + 1, maxTimeMS: 60_000 };
  return async () => {
    await db.admin().command(wait);
  };
}

/** Runs `work` while every command of these kinds fails. */
export async function whileFailing<Result>(
  db: mongo.Db,
  failure: Failure,
  work: () => Promise<Result>,
): Promise<Result> {
  await configure(db, 'alwaysOn', failure);
  try {
    return await work();
  } finally {
    await configure(db, 'off', failure);
  }
}

/** How many commands it has made fail before. */
async function configure(db: mongo.Db, mode: 'alwaysOn' | 'off' | { times: number }, data: Failure): Promise<number> {
  const answer = await db.admin().command({ configureFailPoint: 'failCommand', mode, ...(mode !== 'off' && { data }) });
  return answer['count'] as number;
}
