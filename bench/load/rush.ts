import { percentile } from '../support/statistics.js';
import { type Answer, Caller } from './caller.js';
import { findHoldId } from './requests.js';

export interface RushPlan {
  readonly url: string;
  readonly connections: number;
  readonly eventId: string;
  readonly tickets: number;
  /** Undefined: tickets are booked at once. */
  readonly holds: { readonly ttlSeconds: number; readonly expiring: number } | undefined;
  /** After this time everybody leaves. */
  readonly limitMs: number;
}

/** What the callers saw. Milliseconds. */
export interface RushResult {
  /** From the first request until the last sale was acknowledged, or until everybody has left. */
  readonly seconds: number;
  /** Acknowledged sales. */
  readonly sold: number;
  readonly p50: number;
  readonly p99: number;
  /** From the end of the last hold that was left to expire until the last sale was acknowledged. */
  readonly lastExpiryToSoldOut: number;
  /** Answers other than sales and holds, by status: each sold-out answer is one. */
  readonly others: Readonly<Record<string, number>>;
}

/**
 * Callers who want one ticket at a time of the same event, until it is sold out. Who is refused asks again at once. Every
 * second hold is left to expire, until there were as many of those as planned; all others are confirmed.
 */
export class Rush {
  private readonly latencies: number[] = [];
  private readonly others: Record<string, number> = {};
  private holds = 0;
  private expiring = 0;
  private lastExpiry = Number.NaN;
  private lastSale = Number.NaN;
  private sold = 0;
  private users = 0;

  constructor(private readonly plan: RushPlan) {}

  async run(): Promise<RushResult> {
    const { url, connections, limitMs } = this.plan;
    const callers = await Promise.all(Array.from({ length: connections }, () => Caller.connect(url)));
    const hangUp = () => {
      for (const caller of callers) caller.hangUp();
    };
    const timer = setTimeout(hangUp, limitMs);
    const startedAt = Date.now();
    await Promise.allSettled(callers.map((caller) => this.buy(caller)));
    const endedAt = this.isSoldOut ? this.lastSale : Date.now();
    clearTimeout(timer);
    hangUp();
    return {
      seconds: (endedAt - startedAt) / 1_000,
      sold: this.sold,
      p50: percentile(this.latencies, 0.5),
      p99: percentile(this.latencies, 0.99),
      lastExpiryToSoldOut: this.lastSale - this.lastExpiry,
      others: this.others,
    };
  }

  private get isSoldOut(): boolean {
    return this.sold >= this.plan.tickets;
  }

  private async buy(caller: Caller): Promise<void> {
    while (!this.isSoldOut) {
      const startedAt = performance.now();
      const answer = await (this.plan.holds ? this.holdAndConfirm(caller) : caller.post('/book', this.toWish()));
      if (answer?.status === 201) this.see(performance.now() - startedAt);
      else if (answer) this.others[answer.status] = (this.others[answer.status] ?? 0) + 1;
    }
  }

  /** The answer to the confirmation, or to a hold that was refused; undefined where the hold is left to expire. */
  private async holdAndConfirm(caller: Caller): Promise<Answer | undefined> {
    const { ttlSeconds = 0, expiring = 0 } = this.plan.holds ?? {};
    const held = await caller.post('/holds', { ...this.toWish(), ttlSeconds });
    const holdId = findHoldId(held.body);
    if (holdId === undefined) return held;
    this.holds += 1;
    if (this.holds % 2 === 1 || this.expiring >= expiring) return caller.post(`/holds/${holdId}/confirm`, {});
    this.expiring += 1;
    // The server's clock: it is on this machine.
    const end = Date.parse(/"expiresAt":"([^"]+)"/.exec(held.body)?.[1] ?? '');
    this.lastExpiry = Number.isNaN(this.lastExpiry) ? end : Math.max(this.lastExpiry, end);
    return undefined;
  }

  private toWish() {
    return { eventId: this.plan.eventId, userId: `rush-${++this.users}` };
  }

  private see(milliseconds: number): void {
    this.sold += 1;
    this.lastSale = Date.now();
    this.latencies.push(milliseconds);
  }
}
