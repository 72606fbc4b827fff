/** A pool of tickets, by the id of its section, or of its event where that has none. */
export interface Pool {
  readonly id: string;
  readonly eventId: string;
  readonly capacity: number;
}

export interface Line {
  readonly poolId: string;
  readonly quantity: number;
}

/** What one request came to, as far as its caller can know. */
export type Answer =
  | { readonly kind: 'booked'; readonly bookingId: string; readonly isReplay: boolean }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'held'; readonly holdId: string; readonly expiresAtMs: number; readonly isReplay: boolean }
  | { readonly kind: 'extended'; readonly expiresAtMs: number }
  | { readonly kind: 'released' }
  /** The hold was in a state from which it can't go on. */
  | { readonly kind: 'ended'; readonly was: HoldStatus }
  | { readonly kind: 'refused'; readonly code: 'sold_out' | 'not_enough_tickets' }
  | { readonly kind: 'key_reused' }
  /** It was promised that nothing was changed. */
  | { readonly kind: 'unchanged'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string }
  /** Nothing that the API's contract allows here. */
  | { readonly kind: 'unexpected'; readonly detail: string };

/** One request, on one clock for all callers: sent at `startMs`, answered or given up at `endMs`. */
export interface Attempt {
  readonly startMs: number;
  readonly endMs: number;
  readonly answer: Answer;
}

/** A booking that one caller wants, under one key and one user of its own, however often it is sent. */
export interface Intent {
  readonly key: string;
  readonly userId: string;
  readonly eventId: string;
  readonly lines: readonly Line[];
  readonly attempts: Attempt[];
}

export interface Cancellation {
  readonly bookingId: string;
  readonly attempts: Attempt[];
}

/** A hold that one caller wants, under one key and one user of its own, and what it does with it. */
export interface HoldIntent extends Intent {
  readonly ttlSeconds: number;
  readonly steps: Step[];
}

/** Something that a caller wants to be done to its hold, however often it is sent. */
export interface Step {
  readonly kind: 'confirm' | 'extend' | 'release';
  readonly holdId: string;
  /** Of a confirmation with a payment. */
  readonly paymentReference?: string | undefined;
  /** Of an extension. */
  readonly ttlSeconds?: number | undefined;
  readonly attempts: Attempt[];
}

/** A key of an acknowledged booking, sent with another body. */
export interface Reuse {
  readonly key: string;
  readonly attempt: Attempt;
}

/** What an event says of its tickets. */
export interface Counts {
  readonly eventId: string;
  readonly capacity: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
  readonly pools: readonly { readonly poolId: string; readonly available: number }[];
}

/** All that callers asked and were told in one scenario. */
export interface History {
  readonly pools: readonly Pool[];
  readonly intents: Intent[];
  readonly cancellations: Cancellation[];
  readonly holds: HoldIntent[];
  readonly reuses: Reuse[];
  /** The events as they were read while everything happened. */
  readonly observed: Counts[];
}

export interface FinalBooking {
  readonly id: string;
  readonly userId: string;
  readonly eventId: string;
  readonly lines: readonly Line[];
  readonly status: 'confirmed' | 'cancelled';
}

export type HoldStatus = 'active' | 'confirmed' | 'released' | 'expired';

export interface FinalHold {
  readonly id: string;
  readonly userId: string;
  readonly eventId: string;
  readonly lines: readonly Line[];
  readonly status: HoldStatus;
  readonly expiresAtMs: number;
  readonly settlements: readonly { readonly reference: string; readonly outcome: 'booked' | 'refund_due' }[];
}

/** What is stored after the last fault, when all has come to rest. */
export interface FinalState {
  readonly bookings: readonly FinalBooking[];
  readonly holds: readonly FinalHold[];
  /** When the holds were read. */
  readonly readAtMs: number;
  readonly events: readonly Counts[];
  /** What recounts say is off: the product's own, and one of the documents by other code. */
  readonly imbalances: readonly string[];
}

/** Whether the hold should have ended by then. */
export function isOverdue({ status, expiresAtMs }: FinalHold, atMs: number): boolean {
  return status === 'active' && expiresAtMs < atMs;
}

/** Whether it is still unknown if what was asked for was done. A payment has to be repeated until its outcome is known. */
export function isOpen({ attempts, paymentReference }: Asked): boolean {
  if (paymentReference !== undefined && !attempts.some(isKnown)) return true;
  const since = attempts.slice(attempts.findLastIndex(isKnown) + 1);
  return since.some(({ answer }) => answer.kind === 'unknown');
}

interface Asked {
  readonly attempts: readonly Attempt[];
  readonly paymentReference?: string | undefined;
}

/** Whether its answer is a definite one. */
export function isKnown({ answer: { kind } }: Pick<Attempt, 'answer'>): boolean {
  return kind !== 'unknown' && kind !== 'unchanged';
}

/** Whether the request can have done what it asked for. */
export function mayHaveDone({ answer: { kind } }: Attempt): boolean {
  return kind === 'booked' || kind === 'held' || kind === 'unknown';
}

/** The booking or the hold that the answer says there is. */
export function madeIdOf(answer: Answer): string | undefined {
  if (answer.kind === 'booked') return answer.bookingId;
  return answer.kind === 'held' ? answer.holdId : undefined;
}

/** The bookings, or the holds, that the intent's callers were told they have: more than one id is one too many. */
export function acknowledgedIds({ attempts }: Intent): string[] {
  return [...new Set(attempts.flatMap(({ answer }) => madeIdOf(answer) ?? []))];
}

/** All requests of one kind about a hold, in the order in which they were sent. */
export function attemptsTo(kind: Step['kind'], { steps }: HoldIntent): Attempt[] {
  const attempts = steps.filter((step) => step.kind === kind).flatMap((step) => step.attempts);
  return attempts.toSorted((one, other) => one.startMs - other.startMs);
}
