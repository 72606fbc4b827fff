import { changesOf, type Plan } from '../bookings/index.js';
import type { MovementKind } from '../events/index.js';
import { HOLDS } from './hold.js';

export const HOLD_OUTCOMES = ['created', 'confirmed', 'confirmed_late', 'released', 'expired'] as const;
export type HoldOutcome = (typeof HOLD_OUTCOMES)[number];

/** Returns what a plan does to holds, one outcome for each event in the life of a hold, whoever caused it. */
export function outcomesIn(plan: Pick<Plan, 'changes' | 'movements'>): HoldOutcome[] {
  const { inserted, updated } = changesOf(plan, HOLDS);
  if (inserted.length + updated.length === 0) return [];
  const holds = [...inserted, ...updated.map(({ after }) => after)];
  const moves = new Map(holds.map(({ id }) => [id, new Set<MovementKind>()]));
  for (const { lines } of plan.movements) {
    for (const { bookingId, kind } of lines) moves.get(bookingId ?? '')?.add(kind);
  }
  return [...moves.values()].flatMap((kinds) => HOLD_OUTCOMES.filter((outcome) => has(kinds, outcome)));
}

function has(kinds: ReadonlySet<MovementKind>, outcome: HoldOutcome): boolean {
  switch (outcome) {
    case 'created':
      return kinds.has('held');
    case 'confirmed_late':
      return kinds.has('booked');
    case 'released':
      // A confirmation in part releases the rest.
      return kinds.has('released') && !kinds.has('confirmed');
    case 'confirmed':
    case 'expired':
      return kinds.has(outcome);
  }
}
