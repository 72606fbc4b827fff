import { setTimeout as sleep } from 'node:timers/promises';
import type { Desk } from './desk.js';
import { isScarce, wish } from './events.js';
import type { Answer, Intent } from './history.js';
import type { Random } from './random.js';

/** What a caller does next; what is left of 1 is a new booking. */
const SHARES = { cancel: 0.25, repeat: 0.1, misuse: 0.02 };
/** So many of its cancellations return tickets that others wait for, if it has any. */
const SHARE_OF_SCARCE = 0.8;
/** So often it asks no more: an unknown outcome is left for the end, and "nothing was changed" is taken at its word. */
const SHARE_LEFT = 0.2;
const PAUSE_MS = { from: 50, to: 400 };

/** A booking that was acknowledged, and is not cancelled as far as its caller knows. */
export interface Ticket {
  readonly intent: Intent;
  readonly bookingId: string;
}

/** Books, cancels and repeats itself without a pause. */
export class Caller {
  readonly scarce: Ticket[] = [];
  private readonly plenty: Ticket[] = [];
  private readonly booked: Intent[] = [];

  constructor(
    private readonly desk: Desk,
    private readonly random: Random,
    private readonly isStopped: () => boolean,
  ) {}

  async run(): Promise<void> {
    while (!this.isStopped()) await this.act();
  }

  private async act(): Promise<void> {
    const { cancel, repeat, misuse } = SHARES;
    const chance = this.random.next();
    if (this.booked.length === 0 || chance >= cancel + repeat + misuse) return this.book();
    if (chance < cancel) return this.cancel();
    const intent = this.random.of(this.booked);
    if (chance < cancel + repeat) await this.untilKnown(() => this.desk.book(intent));
    else await this.desk.misuse(intent);
  }

  private async book(): Promise<void> {
    const event = this.random.of(this.desk.events);
    const intent = this.desk.want(event.id, wish(event, this.random));
    const answer = await this.untilKnown(() => this.desk.book(intent));
    if (answer?.kind !== 'booked') return;
    this.booked.push(intent);
    const tickets = isScarce(event, intent.lines) ? this.scarce : this.plenty;
    tickets.push({ intent, bookingId: answer.bookingId });
  }

  private async cancel(): Promise<void> {
    const isFromScarce = this.scarce.length > 0 && this.random.isChance(SHARE_OF_SCARCE);
    const tickets = isFromScarce ? this.scarce : this.plenty;
    const [ticket] = tickets.splice(this.random.integer(0, tickets.length - 1), 1);
    if (!ticket) return;
    const cancellation = this.desk.giveBack(ticket.bookingId);
    await this.untilKnown(() => this.desk.cancel(cancellation));
  }

  /** Asks until the answer is a definite one; undefined where it gave up before. */
  private async untilKnown(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    for (;;) {
      const answer = await ask();
      if (answer.kind !== 'unknown' && answer.kind !== 'unchanged') return answer;
      if (this.isStopped() || this.random.isChance(SHARE_LEFT)) return undefined;
      await sleep(this.random.integer(PAUSE_MS.from, PAUSE_MS.to));
    }
  }
}
