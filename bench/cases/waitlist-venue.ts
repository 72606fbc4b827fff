import { randomFrom } from '../../test/support/random.js';
import type { Bench } from '../bench.js';
import { type Contender, createEvents, getEvent, isBalanced } from '../contenders/contender.js';
import { BUYER, cancelAll, type CancellationsResult, Public, sell, type Sold } from '../load/cancellations.js';
import { countBoughtTooEarly, fillWaitlist, waitlistOnceHandedOver } from '../support/waitlist.js';

const CONNECTIONS = 100;
const BUYERS = 20;
const TICKETS_MAX = 2;
const WANTED_MAX = 10;
/** By code or status: what a buyer may be answered. A 503 says nothing of tickets, and `check` judges what was bought. */
const ANSWERS = ['sold_out', 'not_enough_tickets', '503', '201'];

/** How often each answer was given, by its status, or by its code where tickets were refused. */
export type Answers = Readonly<Record<string, number>>;

/** How an event begins: with so many bookings and so many who wait, by chance, but the same for the same seed. */
export interface VenuePlan {
  readonly bookings: number;
  readonly waiting: number;
  readonly seed: number;
}

/** A sold-out event where bookings are cancelled. */
export class Venue {
  /** What was freed, and what the public has got of it. */
  private freed = 0;
  private bought = 0;

  private constructor(
    private readonly bench: Bench,
    private readonly contender: Contender,
    private readonly eventId: string,
    private readonly waiting: number,
    /** Those that were not cancelled yet. */
    private readonly bookings: Sold[],
  ) {}

  static async open(bench: Bench, contender: Contender, { bookings, waiting, seed }: VenuePlan): Promise<Venue> {
    const quantities = drawn(bookings, TICKETS_MAX, seed);
    const [eventId = ''] = (await createEvents(contender, { count: 1, totalTickets: sumOf(quantities) })) ?? [];
    if (waiting > 0) {
      const db = bench.mongo.client.db(contender.database);
      await fillWaitlist(db, eventId, drawn(waiting, WANTED_MAX, seed));
    }
    const sold = await sell(contender.urls[0] ?? '', CONNECTIONS, eventId, quantities);
    return new Venue(bench, contender, eventId, waiting, sold);
  }

  /** Cancels so many bookings. It is a fault if one is not cancelled. */
  async storm(count: number): Promise<CancellationsResult> {
    const bookings = this.bookings.splice(0, count);
    const result = await cancelAll(this.contender.urls[0] ?? '', CONNECTIONS, bookings);
    this.freed += sumOf(bookings.map(({ quantity }) => quantity));
    if (result.cancelled !== count) {
      this.report(`${result.cancelled} of ${count} were cancelled, ${JSON.stringify(result.others)}`);
    }
    return result;
  }

  /** The same while the public asks for tickets. Returns what it was answered; another refusal than for want of tickets is a fault. */
  async stormBesideThePublic(count: number): Promise<Answers> {
    const buyers = new Public(this.eventId);
    await buyers.come(this.contender.urls[0] ?? '', BUYERS);
    await this.storm(count);
    const answers = await buyers.leave();
    this.bought += answers['201'] ?? 0;
    if (Object.keys(answers).some((answer) => !ANSWERS.includes(answer))) {
      this.report(`the public was answered ${JSON.stringify(answers)}`);
    }
    return answers;
  }

  /** It is a fault if a freed ticket is not offered, and somebody waits whom it fits; or if the books do not balance. */
  async check(): Promise<void> {
    const { freed, bought } = this;
    const db = this.bench.mongo.client.db(this.contender.database);
    const waitlist = await waitlistOnceHandedOver(db, this.eventId);
    if (!waitlist) {
      this.report('tickets are still reserved');
      return;
    }
    const { availableTickets: available, heldTickets: held } = await getEvent(this.contender, this.eventId);
    const { offeredTickets: offered, smallest } = waitlist;
    if (held !== offered || offered + available + bought !== freed) {
      const rest = `${held} are held, ${available} available, ${bought} bought`;
      this.report(`of ${freed} freed tickets ${offered} are offered, ${rest}`);
    }
    if (available >= smallest) this.report(`${available} tickets are available, and somebody waits for ${smallest}`);
    const tooEarly = bought === 0 ? 0 : await countBoughtTooEarly(db, this.eventId, BUYER);
    if (tooEarly > 0) this.report(`${tooEarly} tickets were bought while somebody waited for one`);
    if (!(await isBalanced(this.contender, this.eventId))) this.report('the books do not balance');
  }

  private report(fault: string): void {
    this.bench.faults.push(`event ${this.eventId}, where ${this.waiting} wait: ${fault}`);
  }
}

/** Whole numbers from 1 to `max`. */
function drawn(count: number, max: number, seed: number): number[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => 1 + Math.floor(random() * max));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
