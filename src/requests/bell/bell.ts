/** Says that a request with this number waits in the queue of an event. */
export interface Call {
  readonly eventId: string;
  readonly number: number;
}

/** Returns when the requests of the event up to that number are decided. Throws where this server does not decide them any more. */
export type Answer = (call: Call) => Promise<void>;

/**
 * Calls a server that decides requests. It is for speed alone: a call may be lost, come late or twice. What waits is in the database,
 * where the pulse finds it as well.
 */
export abstract class Bell {
  /** Calls somebody, maybe this server. Throws nothing. */
  abstract ring(call: Call): void;
  /** Answers calls from now on. */
  abstract answer(answer: Answer): Promise<void>;
  /** Answers no more calls. Returns when those that it has taken are answered, or given back. */
  abstract stop(): Promise<void>;
}

/** Calls this server itself. */
export class LocalBell extends Bell {
  private answerTo: Answer | undefined;

  ring(call: Call): void {
    this.answerTo?.(call).catch(() => undefined);
  }

  answer(answer: Answer): Promise<void> {
    this.answerTo = answer;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.answerTo = undefined;
    return Promise.resolve();
  }
}
