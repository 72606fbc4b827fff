import { checkAnswers } from './check-answers.js';
import { checkBookings } from './check-bookings.js';
import { checkEntries } from './check-entries.js';
import { checkHolds } from './check-holds.js';
import { checkOrder } from './check-order.js';
import { checkPayments } from './check-payments.js';
import type { Counts, FinalState, History, HolderIntent, Intent } from './history.js';
import { TakenTickets } from './taken-tickets.js';
import { describe, span, type Violation } from './violation.js';

/** Every broken promise that shows in what callers were told, and in what is stored when all has come to rest. */
export function checkHistory(history: History, final: FinalState): Violation[] {
  const taken = new TakenTickets(history, final);
  return [
    ...checkAnswers(history),
    ...checkBookings(history, final),
    ...checkHolds(history, final),
    ...checkEntries(history, final),
    ...checkOrder(history, final),
    ...checkPayments(history, final),
    ...checkFinalCounts(history, final),
    ...history.observed.flatMap(checkCounts),
    ...checkOversold(history, taken),
    ...history.intents.flatMap((intent) => checkRefusals(intent, refusalsOf(intent), history, taken)),
    ...history.waits.flatMap((intent) => checkRefusals(intent, lateRefusalsOf(intent), history, taken)),
    ...history.holds.flatMap((intent) =>
      checkRefusals(intent, [...refusalsOf(intent), ...lateRefusalsOf(intent)], history, taken),
    ),
  ];
}

/** capacity = available + held + sold, in the event and in the sum of its pools, and nothing is negative. */
function checkCounts(counts: Counts): Violation[] {
  const { eventId, capacity, available, held, sold, pools } = counts;
  const violations: Violation[] = [];
  const inPools = pools.reduce((sum, pool) => sum + pool.available, 0);
  if (available + held + sold !== capacity || inPools !== available) {
    violations.push({ kind: 'wrong_counts', detail: `event ${eventId}: ${JSON.stringify(counts)}` });
  }
  if ([available, held, sold, ...pools.map((pool) => pool.available)].some((tickets) => tickets < 0)) {
    violations.push({ kind: 'negative_availability', detail: `event ${eventId}: ${JSON.stringify(counts)}` });
  }
  return violations;
}

/** The documents are the truth: in each pool, capacity = available + what confirmed bookings and active holds have. */
function checkFinalCounts({ pools }: History, { bookings, holds, events, imbalances }: FinalState): Violation[] {
  const confirmed = bookings.filter(({ status }) => status === 'confirmed');
  const active = holds.filter(({ status }) => status === 'active');
  const taken = new Map<string, number>();
  for (const { poolId, quantity } of [...confirmed, ...active].flatMap(({ lines }) => lines)) {
    taken.set(poolId, (taken.get(poolId) ?? 0) + quantity);
  }
  const heldOf = (eventId: string) =>
    active
      .filter((hold) => hold.eventId === eventId)
      .flatMap(({ lines }) => lines)
      .reduce((sum, { quantity }) => sum + quantity, 0);
  const available = new Map(events.flatMap((event) => event.pools.map((pool) => [pool.poolId, pool.available])));
  const wrong = pools.flatMap(({ id, capacity }): Violation[] => {
    const [left, used] = [available.get(id) ?? NaN, taken.get(id) ?? 0];
    if (left + used === capacity) return [];
    return [{ kind: 'wrong_counts', detail: `pool ${id}: ${left} available, ${used} taken, capacity ${capacity}` }];
  });
  const wronglyHeld = events.flatMap(({ eventId, held }): Violation[] => {
    if (held === heldOf(eventId)) return [];
    return [{ kind: 'wrong_counts', detail: `event ${eventId}: ${held} held, ${heldOf(eventId)} by its active holds` }];
  });
  return [
    ...events.flatMap(checkCounts),
    ...wrong,
    ...wronglyHeld,
    ...imbalances.map((detail): Violation => ({ kind: 'wrong_counts', detail })),
  ];
}

function checkOversold({ pools }: History, taken: TakenTickets): Violation[] {
  return pools.flatMap(({ id, capacity }): Violation[] => {
    const most = taken.everForCertain(id);
    if (most <= capacity) return [];
    return [{ kind: 'oversold', detail: `pool ${id}: ${most} of ${capacity} tickets were acknowledged at one moment` }];
  });
}

/**
 * A refusal is true when, at some moment between request and answer, one of the pools can have had as little as it says:
 * nothing for `sold_out`, less than was asked for otherwise.
 */
function checkRefusals(
  intent: Intent,
  refusals: readonly Refusal[],
  { pools }: History,
  taken: TakenTickets,
): Violation[] {
  const capacities = new Map(pools.map(({ id, capacity }) => [id, capacity]));
  return refusals.flatMap(({ startMs, endMs, code }): Violation[] => {
    const left = intent.lines.map(({ poolId, quantity }) => ({
      poolId,
      quantity,
      left: (capacities.get(poolId) ?? NaN) - taken.atMostWithin(poolId, startMs, endMs),
    }));
    if (left.some((line) => line.left < (code === 'sold_out' ? 1 : line.quantity))) return [];
    const detail = `${describe(intent)} was told ${code} within ${span(startMs, endMs)}, while ${JSON.stringify(left)}`;
    return [{ kind: 'false_refusal', detail }];
  });
}

interface Refusal {
  readonly startMs: number;
  readonly endMs: number;
  readonly code: string;
}

function refusalsOf({ attempts }: Intent): Refusal[] {
  return attempts.flatMap(({ startMs, endMs, answer }) =>
    answer.kind === 'refused' ? [{ startMs, endMs, code: answer.code }] : [],
  );
}

/** Late confirmations that were refused at once. A repetition gets an answer that was true earlier. */
function lateRefusalsOf({ steps }: HolderIntent): Refusal[] {
  return steps.flatMap(({ kind, attempts }) => {
    const first = attempts.find(({ answer }) => answer.kind !== 'unchanged');
    if (kind !== 'confirm' || first?.answer.kind !== 'ended' || first.answer.was !== 'expired') return [];
    return [{ startMs: first.startMs, endMs: first.endMs, code: 'hold_expired' }];
  });
}
