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
  | { readonly kind: 'joined'; readonly entryId: string; readonly status: EntryStatus; readonly isReplay: boolean }
  /** The state of an entry of a waitlist. */
  | { readonly kind: 'entry'; readonly status: EntryStatus; readonly offerEndsAtMs?: number | undefined }
  | { readonly kind: 'refused'; readonly code: 'sold_out' | 'not_enough_tickets' | 'tickets_available' }
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

/** What one caller wants to have for a while, under one key and one user of its own, and what it does with it. */
export interface HolderIntent extends Intent {
  readonly steps: Step[];
}

/** A hold that one caller wants. */
export interface HoldIntent extends HolderIntent {
  readonly ttlSeconds: number;
}

/** A place in a waitlist that one caller wants. Its tickets are offered as a hold. */
export interface WaitIntent extends HolderIntent {
  /** What it saw of its entry meanwhile. */
  readonly looks: Attempt[];
}

/** Something that a caller wants to be done to its hold or its entry, however often it is sent. */
export interface Step {
  readonly kind: 'confirm' | 'extend' | 'release' | 'leave';
  /** The hold's, which is its entry's where it is an offer. */
  readonly holdId: string;
  /** Of leaving a waitlist. */
  readonly eventId?: string | undefined;
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
  readonly waits: WaitIntent[];
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
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly settlements: readonly { readonly reference: string; readonly outcome: 'booked' | 'refund_due' }[];
}

export type EntryStatus = 'waiting' | 'offered' | 'accepted' | 'left' | 'expired';

export interface FinalEntry {
  readonly id: string;
  readonly userId: string;
  readonly eventId: string;
  readonly lines: readonly Line[];
  readonly status: EntryStatus;
  /** Its place in the order of the event. */
  readonly number: number;
}

/** What is stored after the last fault, when all has come to rest. */
export interface FinalState {
  readonly bookings: readonly FinalBooking[];
  readonly holds: readonly FinalHold[];
  readonly entries: readonly FinalEntry[];
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
  return kind === 'booked' || kind === 'held' || kind === 'joined' || kind === 'unknown';
}

/** The booking, the hold or the entry that the answer says there is. */
export function madeIdOf(answer: Answer): string | undefined {
  if (answer.kind === 'booked') return answer.bookingId;
  if (answer.kind === 'joined') return answer.entryId;
  return answer.kind === 'held' ? answer.holdId : undefined;
}

/** What the intent's callers were told they have: more than one id is one too many. */
export function acknowledgedIds({ attempts }: Intent): string[] {
  return [...new Set(attempts.flatMap(({ answer }) => madeIdOf(answer) ?? []))];
}

/** All requests of one kind about a hold, in the order in which they were sent. */
export function attemptsTo(kind: Step['kind'], { steps }: HolderIntent): Attempt[] {
  const attempts = steps.filter((step) => step.kind === kind).flatMap((step) => step.attempts);
  return attempts.toSorted((one, other) => one.startMs - other.startMs);
}

/** Whether one of these was asked for, and may have been done. */
export function isCalled(intent: HolderIntent, ...kinds: Step['kind'][]): boolean {
  return kinds.flatMap((kind) => attemptsTo(kind, intent)).some(({ answer }) => answer.kind !== 'unchanged');
}

interface Look extends Omit<Attempt, 'answer'> {
  readonly status: EntryStatus;
}

/** All that an entry's caller was told of its state at that moment, in the order in which it asked: not a first answer that was repeated. */
export function looksOf({ attempts, looks, steps }: WaitIntent): Look[] {
  return [...attempts, ...looks, ...steps.flatMap((step) => step.attempts)]
    .flatMap(({ answer, ...attempt }) => {
      const isNow = answer.kind === 'entry' || (answer.kind === 'joined' && !answer.isReplay);
      return isNow ? [{ ...attempt, status: answer.status }] : [];
    })
    .toSorted((one, other) => one.startMs - other.startMs);
}
