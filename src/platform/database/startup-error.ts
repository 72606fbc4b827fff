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
