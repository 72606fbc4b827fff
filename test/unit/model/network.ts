import { mongo } from 'mongoose';
import { transientError } from './simulated-store.js';

/** What happens to a message at the database, and what its sender is told. */
export interface Fate {
  readonly effect: 'now' | 'later' | 'never';
  /** `held`: the truth, but as a message of its own that takes its time. */
  readonly answer: 'truth' | 'held' | 'connection lost' | 'said to have failed';
}

export const DELIVERED: Fate = { effect: 'now', answer: 'truth' };

/** Something for the database to do. */
export interface Outgoing<Result> {
  readonly isCommit?: boolean;
  /** What is done there. */
  readonly execute: () => Result;
  /** What is done there when it says no. */
  readonly refuse?: () => void;
}

interface Message extends Required<Outgoing<() => void>> {
  readonly isSenderAlive: () => boolean;
  readonly reject: (error: unknown) => void;
}

/** What is on its way to the database. Nothing arrives before the schedule says so. */
export class Network {
  private readonly messages: Message[] = [];

  get pending(): number {
    return this.messages.length;
  }

  get isCommitNext(): boolean {
    return this.messages[0]?.isCommit === true;
  }

  /** What it returns or throws there, some time later. */
  send<Result>(outgoing: Outgoing<Result>, isSenderAlive: () => boolean): Promise<Result> {
    return new Promise((resolve, fail) => {
      const reject: (error: unknown) => void = fail;
      const execute = () => {
        try {
          const result = outgoing.execute();
          return () => resolve(result);
        } catch (error) {
          return () => reject(error);
        }
      };
      const { isCommit = false, refuse = () => {} } = outgoing;
      this.messages.push({ isCommit, execute, refuse, isSenderAlive, reject });
    });
  }

  /** The sender that is not alive any more hears nothing; what it has sent is still on its way. */
  deliver(index: number, { effect, answer }: Fate): void {
    const [message] = this.messages.splice(index % this.messages.length, 1);
    if (!message) return;
    const tell = effect === 'now' ? message.execute() : () => {};
    if (effect === 'later') this.messages.push({ ...message, isSenderAlive: () => false });
    if (effect === 'never' && answer === 'said to have failed') message.refuse();
    if (answer === 'held') this.messages.push({ ...message, execute: () => tell });
    else if (message.isSenderAlive()) toAnswer(answer, tell, message)();
  }
}

function toAnswer(answer: Exclude<Fate['answer'], 'held'>, tell: () => void, message: Message): () => void {
  if (answer === 'truth') return tell;
  const lost = () => new mongo.MongoNetworkError('connection lost');
  return () => message.reject(answer === 'connection lost' ? lost() : transientError());
}
