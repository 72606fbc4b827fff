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

/** What is stored after the last fault, when all has come to rest. */
export interface FinalState {
  readonly bookings: readonly FinalBooking[];
  readonly events: readonly Counts[];
  /** What the product's own recount says is off. */
  readonly imbalances: readonly string[];
}

/** Whether it is still unknown if the booking or cancellation was made. */
export function isOpen({ attempts }: { readonly attempts: readonly Attempt[] }): boolean {
  const isKnown = ({ answer: { kind } }: Attempt) => kind !== 'unknown' && kind !== 'unchanged';
  const since = attempts.slice(attempts.findLastIndex(isKnown) + 1);
  return since.some(({ answer }) => answer.kind === 'unknown');
}

/** The bookings that the intent's callers were told they have: more than one id is one too many. */
export function acknowledgedIds({ attempts }: Intent): string[] {
  const ids = attempts.flatMap(({ answer }) => (answer.kind === 'booked' ? [answer.bookingId] : []));
  return [...new Set(ids)];
}
