import { acknowledgedIds, type Attempt, type FinalState, type History, type Intent } from './history.js';

interface Change {
  readonly atMs: number;
  readonly tickets: number;
}

/** A number of tickets over time. */
class TicketsOverTime {
  private readonly changes: readonly Change[];
  /** What it is before each change, and after the last one. */
  private readonly sums: readonly number[];

  /** Which of two changes of the same moment came first is not known. */
  constructor(changes: readonly Change[], first: 'gains' | 'losses') {
    const sign = first === 'gains' ? 1 : -1;
    this.changes = changes.toSorted((one, other) => one.atMs - other.atMs || sign * (other.tickets - one.tickets));
    let sum = 0;
    this.sums = [0, ...this.changes.map(({ tickets }) => (sum += tickets))];
  }

  /** The most that it is at any moment from `fromMs` to `toMs`, both included, each change before and after. */
  most(fromMs: number, toMs: number): number {
    let index = this.firstAtOrAfter(fromMs);
    let most = this.sums[index] ?? 0;
    for (; index < this.changes.length && (this.changes[index]?.atMs ?? Infinity) <= toMs; index++) {
      most = Math.max(most, this.sums[index + 1] ?? 0);
    }
    return most;
  }

  private firstAtOrAfter(atMs: number): number {
    let [low, high] = [0, this.changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.changes[middle]?.atMs ?? Infinity) < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * How many tickets of each pool can have been taken at most, and were taken for certain, at any moment.
 *
 * No answer says when its transaction was committed, only that this was between the request and the answer. So a booking
 * can have taken its tickets from the first request on that may have made it, and has for certain when it was
 * acknowledged; it has for certain given them back when its cancellation was acknowledged, and can have when that was sent.
 * Which bookings were made at all is known from the end of the history, since bookings are never deleted.
 */
export class TakenTickets {
  private readonly atMost = new Map<string, Change[]>();
  private readonly forCertain = new Map<string, Change[]>();
  private readonly atMostOverTime = new Map<string, TicketsOverTime>();

  constructor(history: History, final: FinalState) {
    const intents = new Map(history.intents.map((intent) => [intent.userId, intent]));
    const cancellations = new Map(history.cancellations.map((one) => [one.bookingId, one.attempts]));
    for (const booking of final.bookings) {
      const intent = intents.get(booking.userId);
      const cancels = cancellations.get(booking.id) ?? [];
      const span = {
        fromMs: intent?.attempts.find(mayHaveBooked)?.startMs ?? -Infinity,
        toMs: cancels.find(({ answer }) => answer.kind === 'cancelled')?.endMs,
      };
      const certain = { fromMs: acknowledgedAt(intent, booking.id), toMs: cancels[0]?.startMs };
      for (const { poolId, quantity } of booking.lines) {
        add(this.atMost, poolId, quantity, span);
        if (certain.fromMs !== undefined)
          add(this.forCertain, poolId, quantity, { ...certain, fromMs: certain.fromMs });
      }
    }
    for (const [poolId, changes] of this.atMost) this.atMostOverTime.set(poolId, new TicketsOverTime(changes, 'gains'));
  }

  /** The most tickets of the pool that can have been taken at any one moment of an interval. */
  atMostWithin(poolId: string, fromMs: number, toMs: number): number {
    return this.atMostOverTime.get(poolId)?.most(fromMs, toMs) ?? 0;
  }

  /** The most tickets of the pool that were taken for certain at any one moment. */
  everForCertain(poolId: string): number {
    return new TicketsOverTime(this.forCertain.get(poolId) ?? [], 'losses').most(-Infinity, Infinity);
  }
}

function mayHaveBooked({ answer }: Attempt): boolean {
  return answer.kind === 'booked' || answer.kind === 'unknown';
}

function acknowledgedAt(intent: Intent | undefined, bookingId: string): number | undefined {
  if (!intent || !acknowledgedIds(intent).includes(bookingId)) return undefined;
  return intent.attempts.find(({ answer }) => answer.kind === 'booked' && answer.bookingId === bookingId)?.endMs;
}

function add(
  all: Map<string, Change[]>,
  poolId: string,
  quantity: number,
  span: { fromMs: number; toMs: number | undefined },
): void {
  const changes = all.get(poolId) ?? [];
  all.set(poolId, changes);
  changes.push({ atMs: span.fromMs, tickets: quantity });
  if (span.toMs !== undefined) changes.push({ atMs: span.toMs, tickets: -quantity });
}
