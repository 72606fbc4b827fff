import { checkAnswers } from './check-answers.js';
import { checkBookings } from './check-bookings.js';
import type { Counts, FinalState, History, Intent } from './history.js';
import { TakenTickets } from './taken-tickets.js';
import { describe, span, type Violation } from './violation.js';

/** Every broken promise that shows in what callers were told, and in what is stored when all has come to rest. */
export function checkHistory(history: History, final: FinalState): Violation[] {
  const taken = new TakenTickets(history, final);
  return [
    ...checkAnswers(history),
    ...checkBookings(history, final),
    ...checkFinalCounts(history, final),
    ...history.observed.flatMap(checkCounts),
    ...checkOversold(history, taken),
    ...history.intents.flatMap((intent) => checkRefusals(intent, history, taken)),
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

/** The bookings are the truth: in each pool, capacity = available + what the confirmed bookings have. */
function checkFinalCounts({ pools }: History, { bookings, events, imbalances }: FinalState): Violation[] {
  const sold = new Map<string, number>();
  for (const { status, lines } of bookings) {
    if (status !== 'confirmed') continue;
    for (const { poolId, quantity } of lines) sold.set(poolId, (sold.get(poolId) ?? 0) + quantity);
  }
  const available = new Map(events.flatMap((event) => event.pools.map((pool) => [pool.poolId, pool.available])));
  const wrong = pools.flatMap(({ id, capacity }): Violation[] => {
    const [left, booked] = [available.get(id) ?? NaN, sold.get(id) ?? 0];
    if (left + booked === capacity) return [];
    return [{ kind: 'wrong_counts', detail: `pool ${id}: ${left} available, ${booked} booked, capacity ${capacity}` }];
  });
  return [
    ...events.flatMap(checkCounts),
    ...wrong,
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
function checkRefusals(intent: Intent, { pools }: History, taken: TakenTickets): Violation[] {
  const capacities = new Map(pools.map(({ id, capacity }) => [id, capacity]));
  return intent.attempts.flatMap(({ startMs, endMs, answer }): Violation[] => {
    if (answer.kind !== 'refused') return [];
    const left = intent.lines.map(({ poolId, quantity }) => ({
      poolId,
      quantity,
      left: (capacities.get(poolId) ?? NaN) - taken.atMostWithin(poolId, startMs, endMs),
    }));
    if (left.some((line) => line.left < (answer.code === 'sold_out' ? 1 : line.quantity))) return [];
    const detail = `${describe(intent)} was told ${answer.code} within ${span(startMs, endMs)}, while ${JSON.stringify(left)}`;
    return [{ kind: 'false_refusal', detail }];
  });
}
