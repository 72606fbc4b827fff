import { toRefusal } from './database-refusal.js';

/** The server can't start, for a reason that its operator can mend: the message is all that is printed. */
export class StartupError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartupError';
  }
}

/** The server was told to stop before it had started. */
export class StoppedEarly extends StartupError {
  constructor() {
    super('The server was stopped before it was ready.');
  }
}

/** The StartupError for what MongoDB refuses because of how it is set up; any other error as it is. */
export function toStartupError(error: unknown): unknown {
  const refusal = toRefusal(error);
  return refusal ? new StartupError(refusal.message) : error;
}
