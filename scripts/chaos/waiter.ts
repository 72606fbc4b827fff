import type { Desk } from './desk.js';
import { type OnSale, wishToWait } from './events.js';
import type { Answer, EntryStatus, Step, WaitIntent } from './history.js';
import type { Ticket } from './holder.js';
import type { Patience } from './patience.js';
import type { Random } from './random.js';

const LOOK_EVERY_MS = 150;
const STAY_MS = { from: 300, to: 3_000 };
const SHARE_OF_PERSISTENT = 0.3;
const SHARE_OF_PAID = 0.5;
/** After its end, an offer is confirmed within this time. */
const LATE_MS_MAX = 500;

/** Waits for tickets that are sold out, one place at a time, and does with an offer all that a shop does. */
export class Waiter {
  private current: Promise<void> | undefined;
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

  /** Asks for a place in a waitlist. What becomes of it goes on when this returns. */
  async wait(): Promise<void> {
    const event = this.random.of(this.desk.events);
    const line = wishToWait(event, this.random);
    if (this.current || !line) return;
    const intent = this.desk.wantPlace(event.id, line);
    const answer = await this.patience.untilKnown(() => this.desk.join(intent));
    if (answer?.kind !== 'joined') return;
    this.onAnswered(() => this.desk.join(intent));
    const fate = this.meetFate(event, intent, answer.entryId).finally(() => (this.current = undefined));
    // Where it fails, `finish` does.
    fate.catch(() => undefined);
    this.current = fate;
  }

  /** Returns when its entry has met its fate. */
  async finish(): Promise<void> {
    await this.current;
  }

  private async meetFate(event: OnSale, intent: WaitIntent, entryId: string): Promise<void> {
    const isPersistent = this.random.isChance(SHARE_OF_PERSISTENT);
    const untilMs = isPersistent ? Infinity : performance.now() + this.random.integer(STAY_MS.from, STAY_MS.to);
    const leave = () => this.take(event, intent, { kind: 'leave', holdId: entryId, eventId: event.id });
    let seen: Seen = { status: 'waiting' };
    while (seen.status === 'waiting' && performance.now() < untilMs) {
      // The others wait still when all is over.
      if (this.patience.isOver) return isPersistent ? undefined : leave();
      await this.patience.waitUntil(performance.now() + LOOK_EVERY_MS);
      const answer = await this.desk.look(intent, entryId);
      if (answer.kind === 'entry') seen = answer;
    }
    if (seen.status !== 'offered') return leave();
    const endsAtMs = seen.offerEndsAtMs ?? performance.now();
    const confirm = () =>
      this.take(event, intent, { kind: 'confirm', holdId: entryId, paymentReference: this.payment() });
    const release = () => this.take(event, intent, { kind: 'release', holdId: entryId });
    const untilEnd = (lateMs: number) => this.patience.waitUntil(endsAtMs + lateMs);
    const fates: (() => Promise<unknown>)[] = [
      confirm,
      confirm,
      confirm,
      release,
      leave,
      () => Promise.all([confirm(), leave()]),
      () => Promise.all([release(), leave()]),
      () => untilEnd(0).then(confirm),
      () => untilEnd(this.random.integer(0, LATE_MS_MAX)).then(confirm),
      () => Promise.all([untilEnd(0).then(confirm), untilEnd(0).then(leave)]),
      () => Promise.resolve(),
    ];
    await this.random.of(fates)();
  }

  private async take(event: OnSale, intent: WaitIntent, wanted: Omit<Step, 'attempts'>): Promise<void> {
    const step = this.desk.plan(intent, wanted);
    const answer = await this.patience.untilKnown(() => this.desk.take(step));
    this.onAnswered(() => this.desk.take(step));
    if (answer?.kind === 'booked') this.onBooked({ event, intent, bookingId: answer.bookingId });
  }

  /** The name of a payment, of which each is made once; undefined where there is none. */
  private payment(): string | undefined {
    return this.random.isChance(SHARE_OF_PAID) ? `${this.name}-offer-pay-${++this.payments}` : undefined;
  }
}

interface Seen {
  readonly status: EntryStatus;
  readonly offerEndsAtMs?: number | undefined;
}
