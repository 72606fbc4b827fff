import type { Api } from './api.js';
import type { OnSale } from './events.js';
import type { Answer, Attempt, Cancellation, Counts, History, Intent, Line } from './history.js';

/** Where callers send their requests from: all that they ask and are told is in the history. */
export class Desk {
  readonly history: History;
  /** How many answers said "booked". */
  acknowledged = 0;

  constructor(
    private readonly api: Api,
    readonly events: readonly OnSale[],
  ) {
    const pools = events.flatMap((event) => event.pools);
    this.history = { pools, intents: [], cancellations: [], reuses: [], observed: [] };
  }

  /** A booking that somebody wants, not sent yet. */
  want(eventId: string, lines: readonly Line[]): Intent {
    const number = this.history.intents.length + 1;
    const intent = { key: `key-${number}`, userId: `user-${number}`, eventId, lines, attempts: [] };
    this.history.intents.push(intent);
    return intent;
  }

  /** Sends the booking, for the first time or again. */
  async book(intent: Intent): Promise<Answer> {
    const answer = record(intent, await this.api.book(intent));
    if (answer.kind === 'booked') this.acknowledged++;
    return answer;
  }

  /** A booking that somebody no longer wants, not sent yet. */
  giveBack(bookingId: string): Cancellation {
    const cancellation = { bookingId, attempts: [] };
    this.history.cancellations.push(cancellation);
    return cancellation;
  }

  /** Sends the cancellation, for the first time or again. */
  async cancel(cancellation: Cancellation): Promise<Answer> {
    return record(cancellation, await this.api.cancel(cancellation.bookingId));
  }

  /** Sends the key of an acknowledged booking with another body. */
  async misuse(intent: Intent): Promise<void> {
    const attempt = await this.api.book(intent, (intent.lines[0]?.quantity ?? 0) + 1);
    this.history.reuses.push({ key: intent.key, attempt });
  }

  observe(counts: Counts): void {
    this.history.observed.push(counts);
  }
}

function record({ attempts }: { readonly attempts: Attempt[] }, attempt: Attempt): Answer {
  attempts.push(attempt);
  return attempt.answer;
}
