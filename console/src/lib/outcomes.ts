import type { Operations } from './types.js';

/** What a caller got, in the words of the field. */
export const OUTCOMES = ['booked', 'held', 'queued', 'soldOut', 'refused', 'limited', 'overload', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const OUTCOME_LABELS: Readonly<Record<Outcome, string>> = {
  booked: 'Booked',
  held: 'Held',
  queued: 'Queued',
  soldOut: 'Sold out',
  refused: 'Other refusals',
  limited: 'Rate limited',
  overload: 'Refused for overload',
  unknown: 'Outcome unknown',
};

const SOLD_OUT = new Set(['sold_out', 'not_enough_tickets']);
const OVERLOAD = new Set(['overloaded', 'queued_ahead', 'database_unavailable']);
const DONE: Readonly<Record<string, Outcome>> = {
  book: 'booked',
  confirmHold: 'booked',
  hold: 'held',
  enqueue: 'queued',
};
const REQUESTS = new Set(['book', 'hold', 'enqueue']);

function toOutcome(command: string, code: string): Outcome | undefined {
  if (code === 'done') return DONE[command];
  if (code === 'replayed') return undefined;
  if (SOLD_OUT.has(code)) return 'soldOut';
  if (OVERLOAD.has(code)) return 'overload';
  return code === 'outcome_unknown' || code === 'internal_error' ? 'unknown' : 'refused';
}

export interface Now {
  /** Answers a second, by what the caller got. Limits and overload are refused before the event is known: of all events. */
  readonly rates: Readonly<Record<Outcome, number>>;
  /** Refusals a second of this event, by code, the most frequent first. */
  readonly refusals: readonly { readonly code: string; readonly rate: number }[];
  /** Requests for tickets a second: answered, and refused. */
  readonly requested: number;
  /** Of the slowest server: percentiles can't be added. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly waiting: number;
  readonly oldestWaitMs: number;
  readonly isOverloaded: boolean;
}

/** What all servers together say of an event. */
export function summarise({ servers, seconds }: Operations, eventId: string): Now {
  const rates: Record<Outcome, number> = {
    booked: 0,
    held: 0,
    queued: 0,
    soldOut: 0,
    refused: 0,
    limited: 0,
    overload: 0,
    unknown: 0,
  };
  const refusals = new Map<string, number>();
  let requested = 0;
  const own = servers.flatMap(({ events }) => events.filter((event) => event.eventId === eventId));
  for (const { command, code, count } of own.flatMap(({ outcomes }) => outcomes)) {
    const outcome = toOutcome(command, code);
    if (REQUESTS.has(command)) requested += count / seconds;
    if (outcome) rates[outcome] += count / seconds;
    if (code !== 'done' && code !== 'replayed') refusals.set(code, (refusals.get(code) ?? 0) + count / seconds);
  }
  for (const { rateLimited, shed } of servers) {
    rates.limited += rateLimited / seconds;
    rates.overload += shed / seconds;
  }
  const most = (values: (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length > 0 ? Math.max(...known) : undefined;
  };
  return {
    rates,
    refusals: [...refusals].map(([code, rate]) => ({ code, rate })).sort((one, other) => other.rate - one.rate),
    requested,
    p50Ms: most(own.map(({ p50Ms }) => p50Ms)),
    p99Ms: most(own.map(({ p99Ms }) => p99Ms)),
    waiting: own.reduce((sum, { lane }) => sum + lane.waiting, 0),
    oldestWaitMs: Math.max(0, ...own.map(({ lane }) => lane.oldestWaitMs)),
    isOverloaded: servers.some(({ overloaded }) => overloaded),
  };
}
