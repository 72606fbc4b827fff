import { CLOCK_TOLERANCE_MS } from './clock.js';
import {
  type Answer,
  type Attempt,
  attemptsTo,
  type FinalState,
  type HolderIntent,
  type History,
  type Line,
  looksOf,
  madeIdOf,
  mayHaveDone,
  type WaitIntent,
} from './history.js';

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

/** From one moment to another; forever where there is no other. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number | undefined;
}

/** Tickets that were taken by one booking or one hold. */
interface Stay {
  readonly lines: readonly Line[];
  /** When they can have been taken at all. */
  readonly atMost: Span;
  /** When they were taken for certain; undefined where that is never. */
  readonly forCertain: Span | undefined;
}

/**
 * How many tickets of each pool can have been taken at most, and were taken for certain, at any moment.
 *
 * No answer says when its transaction was committed, only that this was between the request and the answer. So a booking
 * can have taken its tickets from the first request on that may have made it, and has for certain when it was
 * acknowledged; it has for certain given them back when its cancellation was acknowledged, and can have when that was sent.
 * Which bookings were made at all is known from the end of the history, since bookings are never deleted. Holds are the
 * same, and give back by themselves. A confirmed hold ends where its booking begins: both may count in between.
 */
export class TakenTickets {
  private readonly atMost = new Map<string, Change[]>();
  private readonly forCertain = new Map<string, Change[]>();
  private readonly atMostOverTime = new Map<string, TicketsOverTime>();

  constructor(history: History, final: FinalState) {
    for (const { lines, atMost, forCertain } of [...bookingStays(history, final), ...holdStays(history, final)]) {
      for (const { poolId, quantity } of lines) {
        add(this.atMost, poolId, quantity, atMost);
        if (forCertain) add(this.forCertain, poolId, quantity, forCertain);
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

function bookingStays({ intents, holds, waits, cancellations }: History, { bookings }: FinalState): Stay[] {
  const attemptsOf = new Map(intents.map(({ userId, attempts }) => [userId, attempts]));
  for (const intent of [...holds, ...waits]) attemptsOf.set(intent.userId, attemptsTo('confirm', intent));
  const cancelled = new Map(cancellations.map(({ bookingId, attempts }) => [bookingId, attempts]));
  return bookings.map(({ id, userId, lines }) => {
    const cancels = cancelled.get(id) ?? [];
    return {
      lines,
      ...madeWithin(attemptsOf.get(userId) ?? [], id, {
        mayEndAtMs: cancels[0]?.startMs,
        endsAtMs: endOfFirst(cancels, ({ kind }) => kind === 'cancelled'),
      }),
    };
  });
}

/** What ends a hold. */
const ENDING = ['confirm', 'release', 'leave'] as const;

function holdStays({ holds: intents, waits }: History, { holds }: FinalState): Stay[] {
  const intentOf = new Map<string, HolderIntent>(intents.map((intent) => [intent.userId, intent]));
  const waitOf = new Map(waits.map((intent) => [intent.userId, intent]));
  return holds.map(({ id, userId, lines, createdAtMs, expiresAtMs }) => {
    const wait = waitOf.get(userId);
    const intent = wait ?? intentOf.get(userId);
    const steps = ENDING.flatMap((kind) => (intent ? attemptsTo(kind, intent) : []));
    const toldAtMs = endOfFirst(steps, ({ kind }) => ['booked', 'released', 'ended', 'entry'].includes(kind));
    const end = {
      mayEndAtMs: Math.min(expiresAtMs - CLOCK_TOLERANCE_MS, ...steps.map(({ startMs }) => startMs)),
      endsAtMs: Math.min(expiresAtMs + CLOCK_TOLERANCE_MS, toldAtMs ?? Infinity),
    };
    return { lines, ...(wait ? offeredWithin(wait, createdAtMs, end) : madeWithin(intent?.attempts ?? [], id, end)) };
  });
}

/** How long it lasted that these requests made, if it may have ended at one moment and has at another. */
function madeWithin(attempts: readonly Attempt[], id: string, end: End): Pick<Stay, 'atMost' | 'forCertain'> {
  const fromMs = attempts.find(mayHaveDone)?.startMs ?? -Infinity;
  return stay(fromMs, attempts.find(({ answer }) => madeIdOf(answer) === id)?.endMs, end);
}

/** How long an offer lasted: nobody asked for it at that moment, so when it was made is what is stored. */
function offeredWithin(intent: WaitIntent, createdAtMs: number, end: End): Pick<Stay, 'atMost' | 'forCertain'> {
  const seenAtMs = looksOf(intent).find(({ status }) => status === 'offered')?.endMs;
  return stay(createdAtMs - CLOCK_TOLERANCE_MS, seenAtMs, end);
}

function stay(fromMs: number, knownAtMs: number | undefined, end: End): Pick<Stay, 'atMost' | 'forCertain'> {
  const isCertain = knownAtMs !== undefined && knownAtMs < (end.mayEndAtMs ?? Infinity);
  return {
    atMost: { fromMs, toMs: end.endsAtMs },
    forCertain: isCertain ? { fromMs: knownAtMs, toMs: end.mayEndAtMs } : undefined,
  };
}

/** When something may have ended, and when it has for certain; undefined where it has not. */
interface End {
  readonly mayEndAtMs: number | undefined;
  readonly endsAtMs: number | undefined;
}

function endOfFirst(attempts: readonly Attempt[], isMeant: (answer: Answer) => boolean): number | undefined {
  const ends = attempts.filter(({ answer }) => isMeant(answer)).map(({ endMs }) => endMs);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

function add(all: Map<string, Change[]>, poolId: string, quantity: number, { fromMs, toMs }: Span): void {
  const changes = all.get(poolId) ?? [];
  all.set(poolId, changes);
  changes.push({ atMs: fromMs, tickets: quantity });
  if (toMs !== undefined) changes.push({ atMs: toMs, tickets: -quantity });
}
