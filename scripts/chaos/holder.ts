import type { Desk } from './desk.js';
import { isScarce, type OnSale, wish } from './events.js';
import type { Answer, HoldIntent, Intent, Step } from './history.js';
import type { Patience } from './patience.js';
import type { Random } from './random.js';

/** The shortest there is. */
const TTL_SECONDS = 1;
const EXTENSION_SECONDS = 2;
/** Longer than anything lasts here: these are still active in the end. */
const LONG_TTL_SECONDS = 600;
const SHARE_OF_LONG = 0.1;
const SHARE_OF_PAID = 0.6;
/** After its end, a hold is confirmed within this time. */
const LATE_MS_MAX = 500;

/** A booking that was acknowledged, and is not cancelled as far as its caller knows. */
export interface Ticket {
  readonly event: OnSale;
  readonly intent: Intent;
  readonly bookingId: string;
}

/** A hold that was acknowledged. */
interface Held {
  readonly event: OnSale;
  readonly intent: HoldIntent;
  readonly holdId: string;
  readonly expiresAtMs: number;
}

/** Holds tickets, and does with them all that a shop does. */
export class Holder {
  private readonly fates: Promise<void>[] = [];
  private readonly bought = new Set<string>();
  private payments = 0;

  constructor(
    private readonly desk: Desk,
    private readonly random: Random,
    private readonly patience: Patience,
    private readonly name: string,
    /** Takes what was answered, to be sent again. */
    private readonly onAnswered: (ask: () => Promise<Answer>) => void,
    private readonly onBooked: (ticket: Ticket) => void,
  ) {}

  /** Makes a hold. What becomes of it goes on when this returns. */
  async hold(): Promise<void> {
    const event = this.random.of(this.desk.events);
    const lines = wish(event, this.random);
    const isLong = !isScarce(event, lines) && this.random.isChance(SHARE_OF_LONG);
    const ttlSeconds = isLong ? LONG_TTL_SECONDS : TTL_SECONDS;
    const intent = this.desk.wantHold(event.id, lines, ttlSeconds);
    const answer = await this.patience.untilKnown(() => this.desk.hold(intent));
    if (answer?.kind !== 'held') return;
    this.onAnswered(() => this.desk.hold(intent));
    if (isLong) return;
    const fate = this.meetFate({ event, intent, ...answer });
    // Where it fails, `finish` does.
    fate.catch(() => undefined);
    this.fates.push(fate);
  }

  /** Returns when every hold has met its fate. */
  async finish(): Promise<void> {
    await Promise.all(this.fates);
  }

  private async meetFate(held: Held): Promise<void> {
    const { holdId, expiresAtMs } = held;
    const untilEnd = (lateMs: number) => this.patience.waitUntil(expiresAtMs + lateMs);
    const confirm = () => this.take(held, { kind: 'confirm', holdId, paymentReference: this.payment() });
    const release = () => this.take(held, { kind: 'release', holdId });
    const extend = () => this.take(held, { kind: 'extend', holdId, ttlSeconds: EXTENSION_SECONDS });
    const fates: (() => Promise<unknown>)[] = [
      confirm,
      confirm,
      release,
      extend,
      // Its end has come: whether it is late is decided at its arrival.
      () => untilEnd(0).then(confirm),
      () => untilEnd(this.random.integer(0, LATE_MS_MAX)).then(confirm),
      () => untilEnd(this.random.integer(0, LATE_MS_MAX)).then(extend),
      () => Promise.all([confirm(), release()]),
      () => Promise.all([confirm(), confirm()]),
      () => extend().then(confirm),
      () => release().then(confirm),
      () => Promise.resolve(),
    ];
    await this.random.of(fates)();
  }

  private async take({ event, intent, holdId }: Held, wanted: Omit<Step, 'attempts'>): Promise<void> {
    const step = this.desk.plan(intent, wanted);
    const answer = await this.patience.untilKnown(() => this.desk.take(step));
    this.onAnswered(() => this.desk.take(step));
    if (answer?.kind !== 'booked' || this.bought.has(holdId)) return;
    this.bought.add(holdId);
    this.onBooked({ event, intent, bookingId: answer.bookingId });
  }

  /** The name of a payment, of which each is made once; undefined where there is none. */
  private payment(): string | undefined {
    return this.random.isChance(SHARE_OF_PAID) ? `${this.name}-pay-${++this.payments}` : undefined;
  }
}
