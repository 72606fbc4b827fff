import type { Intent } from './history.js';

type ViolationKind =
  | 'unexpected_answer'
  | 'id_changed'
  | 'not_replayed'
  | 'false_unchanged'
  | 'key_reuse_accepted'
  | 'unresolved'
  | 'lost_booking'
  | 'altered_booking'
  | 'doubled_booking'
  | 'phantom_booking'
  | 'refused_but_booked'
  | 'unchanged_but_booked'
  | 'lost_cancellation'
  | 'uncalled_cancellation'
  | 'wrong_counts'
  | 'negative_availability'
  | 'oversold'
  | 'false_refusal';

/** A promise that was broken, and how it shows. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly detail: string;
}

/** All that was asked and told under one key, for people. */
export function describe({ key, attempts }: Intent): string {
  const told = attempts.map(({ startMs, endMs, answer }) => `${span(startMs, endMs)} ${JSON.stringify(answer)}`);
  return `${key} (${told.join(', ')})`;
}

/** An interval of the history's clock, for people. */
export function span(startMs: number, endMs: number): string {
  return `${startMs.toFixed(1)}–${endMs.toFixed(1)} ms`;
}
