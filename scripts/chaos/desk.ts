import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api.js';
import type { OnSale } from './events.js';
import type {
  Answer,
  Attempt,
  Cancellation,
  Counts,
  History,
  HolderIntent,
  HoldIntent,
  Intent,
  Line,
  Step,
  WaitIntent,
} from './history.js';

/** Where callers send their requests from: all that they ask and are told is in the history. */
export class Desk {
  readonly history: History;
  /** How many answers said "booked" or "held". */
  acknowledged = 0;

  constructor(
    private readonly api: Api,
    readonly events: readonly OnSale[],
    /** An event that no caller asks about. */
    readonly quiet: OnSale,
  ) {
    const pools = [...events, quiet].flatMap((event) => event.pools);
    this.history = { pools, intents: [], cancellations: [], holds: [], waits: [], reuses: [], observed: [] };
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

  /** A hold that somebody wants, not sent yet. */
  wantHold(eventId: string, lines: readonly Line[], ttlSeconds: number): HoldIntent {
    const number = this.history.holds.length + 1;
    const asked = { key: `hold-key-${number}`, userId: `holder-${number}`, eventId, lines, attempts: [] };
    const intent = { ...asked, ttlSeconds, steps: [] };
    this.history.holds.push(intent);
    return intent;
  }

  /** Sends the hold, for the first time or again. */
  async hold(intent: HoldIntent): Promise<Answer> {
    const answer = record(intent, await this.api.hold(intent));
    if (answer.kind === 'held') this.acknowledged++;
    return answer;
  }

  /** A place in a waitlist that somebody wants, not asked for yet. */
  wantPlace(eventId: string, line: Line): WaitIntent {
    const number = this.history.waits.length + 1;
    const asked = { key: `wait-key-${number}`, userId: `waiter-${number}`, eventId, lines: [line], attempts: [] };
    const intent = { ...asked, steps: [], looks: [] };
    this.history.waits.push(intent);
    return intent;
  }

  /** Asks for the place, for the first time or again. */
  async join(intent: WaitIntent): Promise<Answer> {
    return record(intent, await this.api.join(intent));
  }

  /** Looks what became of the entry. */
  async look({ eventId, looks }: WaitIntent, entryId: string): Promise<Answer> {
    return record({ attempts: looks }, await this.api.look(eventId, entryId));
  }

  /** Something that somebody wants to be done to a hold or an entry, not sent yet. */
  plan(intent: HolderIntent, step: Omit<Step, 'attempts'>): Step {
    const planned = { ...step, attempts: [] };
    intent.steps.push(planned);
    return planned;
  }

  /** Sends the step, for the first time or again. */
  async take(step: Step): Promise<Answer> {
    return record(step, await this.api.take(step));
  }

  /** Makes a hold at the quiet event, and returns when it is over: only the pulse will end it. */
  async letHoldEnd(): Promise<void> {
    const { id, pools } = this.quiet;
    const lines = pools.map((pool) => ({ poolId: pool.id, quantity: 1 }));
    const answer = await this.hold(this.wantHold(id, lines, 1));
    if (answer.kind === 'held') await sleep(answer.expiresAtMs - performance.now());
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
