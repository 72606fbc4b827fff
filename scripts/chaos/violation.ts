import type { Attempt, HolderIntent, Intent } from './history.js';

export type Noun = 'booking' | 'hold' | 'entry';

type ViolationKind =
  | 'unexpected_answer'
  | 'id_changed'
  | 'not_replayed'
  | 'false_unchanged'
  | 'key_reuse_accepted'
  | 'unresolved'
  | `lost_${Noun}`
  | `altered_${Noun}`
  | `doubled_${Noun}`
  | `phantom_${Noun}`
  | 'refused_but_made'
  | 'unchanged_but_made'
  | 'lost_cancellation'
  | 'uncalled_cancellation'
  | 'contradicted'
  | 'uncalled_end'
  | 'wrong_end'
  | 'ended_early'
  | 'kept_too_long'
  | 'overdue_hold'
  | 'wrong_entry'
  | 'offered_twice'
  | 'overtaken'
  | 'waits_in_vain'
  | 'payment_without_outcome'
  | 'payment_with_two_outcomes'
  | 'paid_twice'
  | 'phantom_payment'
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
export function describe({ key, attempts }: Pick<Intent, 'key' | 'attempts'>): string {
  return `${key} (${attempts.map(tell).join(', ')})`;
}

/** All that was asked and told about a hold or an entry of a waitlist, for people. */
export function describeHolder(intent: HolderIntent): string {
  const steps = intent.steps.map(({ kind, attempts, paymentReference = '' }) =>
    describe({ key: `${kind} ${paymentReference}`, attempts }),
  );
  return [describe(intent), ...steps].join(', ');
}

function tell({ startMs, endMs, answer }: Attempt): string {
  return `${span(startMs, endMs)} ${JSON.stringify(answer)}`;
}

/** An interval of the history's clock, for people. */
export function span(startMs: number, endMs: number): string {
  return `${startMs.toFixed(1)}–${endMs.toFixed(1)} ms`;
}
