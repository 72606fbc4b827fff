import type { Answer, FinalState, History, HolderIntent, Step } from './history.js';
import { describeHolder, type Violation } from './violation.js';

interface Payment {
  readonly intent: HolderIntent;
  readonly step: Step;
  readonly reference: string;
}

interface Outcome {
  readonly holdId: string;
  readonly outcome: 'booked' | 'refund_due';
}

/** Every payment has one outcome, which is the one that its callers were told. */
export function checkPayments({ holds: ownHolds, waits }: History, { holds }: FinalState): Violation[] {
  const stored = new Map<string, Outcome[]>();
  for (const { id: holdId, settlements } of holds) {
    for (const { reference, outcome } of settlements) {
      stored.set(reference, [...(stored.get(reference) ?? []), { holdId, outcome }]);
    }
  }
  const payments = [...ownHolds, ...waits].flatMap((intent) =>
    intent.steps.flatMap((step): Payment[] => {
      const { paymentReference: reference } = step;
      return reference === undefined ? [] : [{ intent, step, reference }];
    }),
  );
  const known = new Set(payments.map(({ reference }) => reference));
  return [
    ...payments.flatMap((payment) => checkPayment(payment, stored.get(payment.reference) ?? [])),
    ...[...stored.keys()]
      .filter((reference) => !known.has(reference))
      .map((detail): Violation => ({ kind: 'phantom_payment', detail })),
    ...holds
      .filter(({ settlements }) => settlements.filter(({ outcome }) => outcome === 'booked').length > 1)
      .map((hold): Violation => ({ kind: 'paid_twice', detail: JSON.stringify(hold) })),
  ];
}

function checkPayment({ intent, step, reference }: Payment, outcomes: readonly Outcome[]): Violation[] {
  const [first, ...others] = outcomes;
  const detail = `${reference}: ${describeHolder(intent)}, stored: ${JSON.stringify(outcomes)}`;
  if (!first || first.holdId !== step.holdId) return [{ kind: 'payment_without_outcome', detail }];
  const isContradicted = step.attempts.some(({ answer }) => {
    const told = outcomeOf(answer);
    return told !== undefined && told !== first.outcome;
  });
  return [
    ...(others.length > 0 ? [{ kind: 'payment_with_two_outcomes', detail } as const] : []),
    ...(isContradicted ? [{ kind: 'contradicted', detail } as const] : []),
  ];
}

/** What an answer to a payment says of it; undefined where that is not known. */
function outcomeOf({ kind }: Answer): Outcome['outcome'] | undefined {
  if (kind === 'booked') return 'booked';
  return kind === 'ended' ? 'refund_due' : undefined;
}
