import type { Clock } from '../../common/clock.js';
import { withTimeout } from '../../common/concurrency/with-timeout.js';
import type { Log } from '../../platform/logging/index.js';
import { type Answer, Bell, type Call } from './bell.js';
import type { BellMetrics } from './bell.metrics.js';

/** A broker that has not taken a call by then is taken for away. */
const TAKEN_MS = 500;

/** A broker that carries calls to one of the servers. */
export interface Broker {
  readonly name: string;
  /** Returns when the broker has taken the call, and will keep it. */
  send(call: Call): Promise<void>;
  /** Gives each call to `take`, and keeps it until that returns; where it throws, another server gets it. */
  receive(take: (text: string) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Calls by a broker, and this server itself while the broker is away. */
export class BrokerBell extends Bell {
  /** The newest call of each event that waits until the one before is sent. */
  private readonly next = new Map<string, Call | undefined>();
  private broker: Broker | undefined;
  private answerTo: Answer | undefined;
  private isAway = false;

  constructor(
    private readonly open: () => Promise<Broker>,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly metrics: BellMetrics,
  ) {
    super();
  }

  ring(call: Call): void {
    // While it is away, one call asks whether it is back.
    if (this.isAway) this.answerHere(call);
    if (this.isAway && this.next.size > 0) return;
    // One call is enough for all that waits: the others of its event become one while it is under way.
    const isUnderWay = this.next.has(call.eventId);
    this.next.set(call.eventId, isUnderWay ? call : undefined);
    if (!isUnderWay) void this.send(call);
  }

  async answer(answer: Answer): Promise<void> {
    this.answerTo = answer;
    this.broker = await this.open();
    await this.broker.receive((text) => this.take(text));
  }

  async stop(): Promise<void> {
    await this.broker?.close();
    this.answerTo = undefined;
  }

  private async send(first: Call): Promise<void> {
    for (let call: Call | undefined = first; call; call = this.next.get(first.eventId)) {
      this.next.set(first.eventId, undefined);
      await this.sendOne(call);
    }
    this.next.delete(first.eventId);
  }

  private async sendOne(call: Call): Promise<void> {
    const isAnswered = this.isAway;
    try {
      if (!this.broker) throw new Error('it is not connected yet');
      const late = () => new Error(`it has not taken a call for ${TAKEN_MS} ms`);
      await withTimeout(this.clock, TAKEN_MS, this.broker.send(call), late);
      if (!isAnswered) this.metrics.count('broker');
      this.tell();
    } catch (error) {
      if (!isAnswered) this.answerHere(call);
      this.tell(error as Error);
    }
  }

  private answerHere(call: Call): void {
    this.metrics.count('self');
    this.answerTo?.(call).catch(() => undefined);
  }

  /** Nobody checks who writes to the broker: a message may be anything. */
  private async take(text: string): Promise<void> {
    const call = toCall(text);
    if (call) await this.answerTo?.(call);
    else this.metrics.countMalformed();
  }

  /** Logs each change once. */
  private tell(error?: Error): void {
    const isAway = error !== undefined;
    this.metrics.showAway(isAway);
    if (isAway === this.isAway) return;
    this.isAway = isAway;
    const name = this.broker?.name ?? 'The broker';
    if (isAway) this.log.warn({ reason: error.message }, `${name} is away: this server decides what is queued here`);
    else this.log.info(`${name} is back`);
  }
}

function toCall(text: string): Call | undefined {
  try {
    const { eventId, number } = JSON.parse(text) as Partial<Record<keyof Call, unknown>>;
    const isRight = typeof eventId === 'string' && /^[0-9a-f]{24}$/.test(eventId) && Number.isSafeInteger(number);
    return isRight ? { eventId, number: number as number } : undefined;
  } catch {
    return undefined;
  }
}
