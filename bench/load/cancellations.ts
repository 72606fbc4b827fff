import { percentile } from '../support/statistics.js';
import { type Answer, Caller } from './caller.js';
import { STALL_MS } from './plan.js';

/** A sold booking, and how many tickets it has. */
export interface Sold {
  readonly id: string;
  readonly quantity: number;
}

/** What the callers saw. Milliseconds. */
export interface CancellationsResult {
  /** From the first request to the last answer. */
  readonly seconds: number;
  readonly cancelled: number;
  readonly p50: number;
  readonly p99: number;
  readonly stalls: number;
  /** Answers other than cancelled bookings, by status. */
  readonly others: Readonly<Record<string, number>>;
}

/** Sells one booking after the other by each caller. Throws where one is refused. */
export async function sell(
  url: string,
  connections: number,
  eventId: string,
  quantities: readonly number[],
): Promise<Sold[]> {
  const sold: Sold[] = [];
  await each(url, connections, quantities, async (caller, quantity, index) => {
    const { status, body } = await caller.post('/book', { eventId, userId: `early-${index}`, quantity });
    if (status !== 201) throw new Error(`a ticket of a new event was not sold: ${status}`);
    sold.push({ id: (JSON.parse(body) as { booking: { _id: string } }).booking._id, quantity });
  });
  return sold;
}

/** Cancels all of the bookings, as many at once as there are callers. */
export async function cancelAll(
  url: string,
  connections: number,
  bookings: readonly Sold[],
): Promise<CancellationsResult> {
  const latencies: number[] = [];
  const others: Record<string, number> = {};
  const seconds = await each(url, connections, bookings, async (caller, { id }) => {
    const startedAt = performance.now();
    const { status } = await caller.post(`/bookings/${id}/cancel`, {});
    if (status === 200) latencies.push(performance.now() - startedAt);
    else others[status] = (others[status] ?? 0) + 1;
  });
  return {
    seconds,
    cancelled: latencies.length,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    stalls: latencies.filter((milliseconds) => milliseconds > STALL_MS).length,
    others,
  };
}

/** The users of `Public`. */
export const BUYER = /^public-/;

/** Callers who want one ticket of an event, and ask again as soon as they are refused, each time as another user. */
export class Public {
  private readonly callers: Caller[] = [];
  private readonly buying: Promise<void>[] = [];
  private readonly answers: Record<string, number> = {};
  private users = 0;
  private isOver = false;

  constructor(private readonly eventId: string) {}

  /** Returns once each of them was answered. */
  async come(url: string, size: number): Promise<void> {
    this.callers.push(...(await connect(url, size)));
    await Promise.all(this.callers.map((caller) => this.buy(caller)));
    this.buying.push(...this.callers.map((caller) => this.buyOn(caller)));
  }

  /** Returns how often each answer was given: by its status, or by its code where tickets were refused. */
  async leave(): Promise<Readonly<Record<string, number>>> {
    this.isOver = true;
    await Promise.all(this.buying);
    for (const caller of this.callers) caller.hangUp();
    return this.answers;
  }

  private async buyOn(caller: Caller): Promise<void> {
    while (!this.isOver) await this.buy(caller);
  }

  private async buy(caller: Caller): Promise<void> {
    const answer = nameOf(await caller.post('/book', { eventId: this.eventId, userId: `public-${++this.users}` }));
    this.answers[answer] = (this.answers[answer] ?? 0) + 1;
  }
}

function nameOf({ status, body }: Answer): string {
  return status === 409 ? (JSON.parse(body) as { code: string }).code : String(status);
}

function connect(url: string, size: number): Promise<Caller[]> {
  return Promise.all(Array.from({ length: size }, () => Caller.connect(url)));
}

/** Lets each caller take one item after the other until none is left. Returns how many seconds that took. */
async function each<T>(
  url: string,
  connections: number,
  items: readonly T[],
  ask: (caller: Caller, item: T, index: number) => Promise<void>,
): Promise<number> {
  const callers = await connect(url, Math.min(connections, items.length));
  const rest = items.entries();
  const startedAt = performance.now();
  const take = async (caller: Caller) => {
    for (const [index, item] of rest) await ask(caller, item, index);
  };
  try {
    await Promise.all(callers.map(take));
    return (performance.now() - startedAt) / 1_000;
  } finally {
    for (const caller of callers) caller.hangUp();
  }
}
