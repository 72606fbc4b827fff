import type { Desk } from './desk.js';
import { isScarce, wish } from './events.js';
import type { Answer, Intent } from './history.js';
import { Holder, type Ticket } from './holder.js';
import { Patience } from './patience.js';
import type { Random } from './random.js';
import { Waiter } from './waiter.js';

/** What a caller does next; what is left of 1 is a new booking. */
const SHARES = { cancel: 0.2, hold: 0.25, wait: 0.08, repeat: 0.1, repeatHold: 0.05, misuse: 0.02 };
/** So many of its cancellations return tickets that others wait for, if it has any. */
const SHARE_OF_SCARCE = 0.8;

/** Books, holds, waits, cancels and repeats itself without a pause. */
export class Caller {
  readonly scarce: Ticket[] = [];
  private readonly plenty: Ticket[] = [];
  private readonly booked: Intent[] = [];
  private readonly patience: Patience;
  private readonly holder: Holder;
  private readonly waiter: Waiter;
  /** All that was answered about holds and entries. */
  private readonly repeatable: (() => Promise<Answer>)[] = [];

  constructor(
    private readonly desk: Desk,
    private readonly random: Random,
    private readonly isStopped: () => boolean,
    name: string,
  ) {
    this.patience = new Patience(random, isStopped);
    const onAnswered = (ask: () => Promise<Answer>) => this.repeatable.push(ask);
    const onBooked = (ticket: Ticket) => this.keep(ticket);
    this.holder = new Holder(desk, random, this.patience, name, onAnswered, onBooked);
    this.waiter = new Waiter(desk, random, this.patience, name, onAnswered, onBooked);
  }

  async run(): Promise<void> {
    while (!this.isStopped()) await this.act();
    await Promise.all([this.holder.finish(), this.waiter.finish()]);
  }

  private async act(): Promise<void> {
    const { booked, holder, repeatable, random } = this;
    let chance = random.next();
    const isTurnOf = (share: number) => (chance -= share) < 0;
    if (isTurnOf(SHARES.hold)) return holder.hold();
    if (isTurnOf(SHARES.wait)) return this.waiter.wait();
    if (isTurnOf(SHARES.cancel)) return this.cancel();
    if (isTurnOf(SHARES.repeat) && booked.length > 0) {
      const intent = random.of(booked);
      await this.patience.untilKnown(() => this.desk.book(intent));
    } else if (isTurnOf(SHARES.repeatHold) && repeatable.length > 0) {
      await this.patience.untilKnown(random.of(repeatable));
    } else if (isTurnOf(SHARES.misuse) && booked.length > 0) {
      await this.desk.misuse(random.of(booked));
    } else {
      await this.book();
    }
  }

  private async book(): Promise<void> {
    const event = this.random.of(this.desk.events);
    const intent = this.desk.want(event.id, wish(event, this.random));
    const answer = await this.patience.untilKnown(() => this.desk.book(intent));
    if (answer?.kind !== 'booked') return;
    this.booked.push(intent);
    this.keep({ event, intent, bookingId: answer.bookingId });
  }

  private keep(ticket: Ticket): void {
    const tickets = isScarce(ticket.event, ticket.intent.lines) ? this.scarce : this.plenty;
    tickets.push(ticket);
  }

  private async cancel(): Promise<void> {
    const isFromScarce = this.scarce.length > 0 && this.random.isChance(SHARE_OF_SCARCE);
    const tickets = isFromScarce ? this.scarce : this.plenty;
    const [ticket] = tickets.splice(this.random.integer(0, tickets.length - 1), 1);
    if (!ticket) return;
    const cancellation = this.desk.giveBack(ticket.bookingId);
    await this.patience.untilKnown(() => this.desk.cancel(cancellation));
  }
}
