import { mongo } from 'mongoose';
import { jitteredRetryAfterSeconds, Problem } from '../../common/problem.js';
import { toRefusal } from './database-refusal.js';

/** The database can't be reached or does not answer in time; nothing was changed. */
export function databaseUnavailable(): Problem {
  return new Problem({
    status: 503,
    code: 'database_unavailable',
    title: 'Database unavailable',
    message: 'The service is temporarily unavailable, please try again',
    detail: 'The database did not answer in time. Nothing was changed.',
    retryAfterSeconds: jitteredRetryAfterSeconds(),
  });
}

/** A commit was sent and its answer never came: it may or may not have happened. */
export function outcomeUnknown(): Problem {
  return new Problem({
    status: 503,
    code: 'outcome_unknown',
    title: 'Outcome unknown',
    message: 'The outcome of this request is not known yet',
    detail:
      'The database received the commit and did not answer in time. Repeat the request with the same Idempotency-Key, ' +
      'or read the resource first.',
    retryAfterSeconds: jitteredRetryAfterSeconds(),
  });
}

/** Somebody changed the database so that it refuses the request; nothing was changed. */
function databaseMisconfigured(): Problem {
  return new Problem({
    status: 503,
    code: 'database_misconfigured',
    title: 'Database misconfigured',
    message: 'The service cannot do this at the moment, please try again later',
    detail:
      "The setup of the database makes it refuse this request. Nothing was changed. The server's log names the cause.",
    retryAfterSeconds: jitteredRetryAfterSeconds(),
  });
}

/** What any route that uses the database may answer. */
export const DATABASE_PROBLEMS: readonly Problem[] = [databaseUnavailable(), databaseMisconfigured()];

/** The 503 for an error that says that the database is away, or set up wrongly; undefined for any other error. */
export function toDatabaseProblem(error: unknown): Problem | undefined {
  if (isUnavailable(error)) return databaseUnavailable();
  return toRefusal(error) && databaseMisconfigured();
}

const UNAVAILABLE = new Set([
  'MongoServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoServerClosedError',
  'MongoStalePrimaryError',
  'MongoExpiredSessionError',
]);

/** Whether the same operation may well succeed a moment later. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof mongo.MongoError)) return isSocketError(error);
  return (
    error instanceof mongo.MongoNetworkError ||
    UNAVAILABLE.has(error.name) ||
    ['TransientTransactionError', 'RetryableWriteError', 'RetryableError', 'UnknownTransactionCommitResult'].some(
      (label) => error.hasErrorLabel(label),
    ) ||
    (error instanceof mongo.MongoServerError && NOT_NOW_CODES.has(Number(error.code)))
  );
}

const WRITE_CONFLICT = 112;

/** Whether another transaction was writing the same document. */
export function isConflict(error: unknown): boolean {
  return error instanceof mongo.MongoError && error.code === WRITE_CONFLICT;
}

/** The server's codes for "not now": a time limit has passed, it steps down, shuts down, or was interrupted by that. */
const NOT_NOW_CODES = new Set([6, 7, 50, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** What Node says of a connection that breaks before the driver has noticed. */
const SOCKET_ERROR_CODES = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED']);

function isSocketError(error: unknown): boolean {
  return error instanceof Error && SOCKET_ERROR_CODES.has((error as NodeJS.ErrnoException).code ?? '');
}
