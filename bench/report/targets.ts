import type { CaseResult, Row } from '../bench.js';
import type { CaseName } from '../options.js';
import { ratio, ratioOf } from './figures.js';

/** What was aimed at, and what was measured. */
export interface Judgement {
  readonly target: string;
  readonly measured: string;
  /** Undefined where it was not measured, or is only reported. */
  readonly isReached: boolean | undefined;
}

const NOT_MEASURED = { measured: 'not measured', isReached: undefined };
const REPORTED = Number.NaN;
const SAME_PROMISES = 'PostgreSQL, same promises (reported)';

/** Compares the results with what the project aims at. */
export function judge(results: readonly CaseResult[]): Judgement[] {
  const find = (name: CaseName, contender: string, comparison = 0): Row | undefined =>
    results
      .find((result) => result.name === name)
      ?.comparisons[comparison]?.rows.find((row) => row.contender === contender);
  const fact = (name: CaseName, fact: string) => results.find((result) => result.name === name)?.facts[fact];

  const against = (target: string, name: CaseName, other: string, floor: number, subject = 'product', comparison = 0) =>
    atLeast(target, floor, ratioBetween(find(name, subject, comparison), find(name, other, comparison)));
  const latency = (
    target: string,
    [name, figure]: [CaseName, 'p50' | 'p99'],
    pair: [string, string],
    ceiling: number,
    comparison = 0,
  ) => atMost(target, ceiling, ratioBetween(find(name, pair[0], comparison), find(name, pair[1], comparison), figure));

  return [
    against('one event, 100 connections: ≥ 2 × PostgreSQL', 'one-event-100', 'postgres', 2),
    against(`one event, 100 connections: ${SAME_PROMISES}`, 'one-event-100', 'postgres-same', REPORTED),
    lowerOfTwo(
      ratioBetween(find('one-event-100', 'product'), find('one-event-100', 'seed')),
      ratioBetween(find('one-event-100', 'product'), find('one-event-100', 'no-op')),
    ),
    against('one event, 100 connections: ≥ 50 × textbook', 'one-event-100', 'textbook', 50),
    latency("one event, 100 connections: p99 ≤ 0.2 × the seed's", ['one-event-100', 'p99'], ['product', 'seed'], 0.2),
    against('one event, 1,000 connections: ≥ 3 × PostgreSQL', 'one-event-1000', 'postgres', 3),
    against(`one event, 1,000 connections: ${SAME_PROMISES}`, 'one-event-1000', 'postgres-same', REPORTED),
    against('one event, 1,000 connections: ≥ 0.85 × own no-op', 'one-event-1000', 'no-op', 0.85),
    against('500 events: ≥ 1 × PostgreSQL', '500-events', 'postgres', 1),
    against(`500 events: ${SAME_PROMISES}`, '500-events', 'postgres-same', REPORTED),
    against('500 events: ≥ 5 × the seed', '500-events', 'seed', 5),
    latency("one caller: p50 ≤ 1 × the seed's", ['one-event-1', 'p50'], ['product', 'seed'], 1),
    against("the shop's path: ≥ 0.7 × the bare booking", 'shop', 'bare booking', 0.7, "shop's path"),
    against(`the shop's path: ${SAME_PROMISES}`, 'shop', 'postgres-same', REPORTED, "shop's path"),
    against('hold and confirm: ≥ 0.35 × plain bookings', 'hold-confirm', 'plain booking', 0.35, 'hold and confirm'),
    atMostCount('a rush of holds: runs in which not every ticket was sold once', 0, fact('hold-rush', 'wrong')),
    reported(
      'a rush of holds: from the last expiry to sold out, ms (median; reported)',
      fact('hold-rush', 'lastExpiryToSoldOut'),
    ),
    latency(
      'other events while holds end: p99 ≤ 2 × before',
      ['hold-expiry', 'p99'],
      ['while they end', 'before they end'],
      2,
    ),
    atMostCount(
      'while holds end: bookings that were not made, or took longer than 1 s',
      0,
      fact('hold-expiry', 'unanswered'),
    ),
    atMost(
      'a cancellation where 100,000 wait: ≤ 1.1 × the commands of one where 100 wait',
      1.1,
      fact('waitlist-storm', 'commandsRatio') ?? Number.NaN,
    ),
    against(
      'cancellations where 100,000 wait and where 100 wait (reported)',
      'waitlist-storm',
      'few wait',
      REPORTED,
      'many wait',
    ),
    against(
      'cancellations where 100,000 wait and where nobody waits (reported)',
      'waitlist-storm',
      'nobody waits',
      REPORTED,
      'many wait',
      1,
    ),
    atMostCount(
      'cancellations where somebody waits: tickets in wrong hands, and other faults',
      0,
      fact('waitlist-storm', 'faults'),
    ),
    atMost('a queue: 100,000 requests accepted within 20 s', 20, fact('queue', 'acceptedSeconds') ?? Number.NaN),
    atMost(
      'a look at a request: ≤ 1.25 × one at a booking, while the queue is worked off',
      1.25,
      fact('queue', 'lookRatio') ?? Number.NaN,
    ),
    against('1,000 listeners: ≥ 0.9 × without them', 'live', 'without listeners', 0.9, 'with 1,000 listeners'),
    against('a sold-out storm: ≥ 0.9 × own no-op', 'sold-out', 'no-op', 0.9),
    atMostCount('a sold-out storm: no writes', 0, fact('sold-out', 'writes')),
    against('4 processes, one event: ≥ 0.5 × one process', 'processes-4', 'product', 0.5, 'product ×4'),
    latency('4 processes, one event: p99 ≤ 5 × one process', ['processes-4', 'p99'], ['product ×4', 'product'], 5),
    against('4 processes, 500 events: ≥ 0.5 × one process', 'processes-4', 'product', 0.5, 'product ×4', 1),
    latency('4 processes, 500 events: p99 ≤ 5 × one process', ['processes-4', 'p99'], ['product ×4', 'product'], 5, 1),
    atMostCount('4 processes: no stall over 1 s', 0, fact('processes-4', 'stalls')),
    against('2 servers and a Redis, one event: ≥ 1 × one server', 'servers', 'product', 1, 'product ×2, Redis'),
    against('2 servers and a Redis, 500 events: ≥ 1 × one server', 'servers', 'product', 1, 'product ×2, Redis', 1),
    against('4 servers and a Redis, one event: ≥ 0.8 × one server', 'servers', 'product', 0.8, 'product ×4, Redis'),
    latency(
      '4 servers and a Redis, one event: p99 ≤ 1.5 × one server',
      ['servers', 'p99'],
      ['product ×4, Redis', 'product'],
      1.5,
    ),
    against('4 servers and a Redis, 500 events: ≥ 0.8 × one server', 'servers', 'product', 0.8, 'product ×4, Redis', 1),
    atMost(
      'servers and a Redis: transactions made void by another server ≤ 0.02 for a booking',
      0.02,
      fact('servers', 'voidPerBooking') ?? Number.NaN,
    ),
    reported(
      'a revoked key: ms until the last of four servers refuses it (median; reported)',
      fact('servers', 'revocationMs'),
    ),
    atMostCount('servers and a Redis: no request over 1 s', 0, fact('servers', 'stalls')),
    against('3 nodes, one secondary stopped (reported)', 'write-concern', 'before', REPORTED, 'one secondary stopped'),
    against('3 nodes, one secondary delayed (reported)', 'write-concern', 'before', REPORTED, 'one secondary delayed'),
    against(
      '3 nodes, a primary that steps down each minute (reported)',
      'write-concern',
      'before',
      REPORTED,
      'primary steps down each minute',
    ),
    against('3 nodes, after all of that (reported)', 'write-concern', 'before', REPORTED, 'after'),
    against('10⁶ bookings: last tenth ≥ 0.95 × the first', 'million', 'first tenth', 0.95, 'last tenth'),
    memory(fact('million', 'memoryFirst'), fact('million', 'memoryLast')),
    against('GET /events/:id: ≥ 0.8 × own no-op', 'get-event', 'no-op', 0.8),
    against('one event that is followed: bookings (reported)', 'feed', 'not followed', REPORTED, 'followed'),
    reported('a follower of that event: ms behind (median; reported)', fact('feed', 'msBehind')),
    reported('a follower of that event: ms behind (p99; reported)', fact('feed', 'msBehindP99')),
    against('at 2 × the peak: ≥ 0.5 × the peak is served', 'overload', 'at its peak', 0.5, '2 × as many'),
    against('at 3 × the peak (reported)', 'overload', 'at its peak', REPORTED, '3 × as many'),
    atMostCount('at 2 × the peak: who is turned away knows within 20 ms (median)', 20, fact('overload', 'refusedP50')),
    atMostCount('at 2 and 3 × the peak: no 500', 0, fact('overload', 'errors')),
    atMostCount('at 2 and 3 × the peak: health checks that were not answered', 0, fact('overload', 'unhealthy')),
    against('rate limits cost ≤ 3 %', 'rate-limits', 'without rate limits', 0.97),
    against('metrics cost ≤ 2 %', 'metrics', 'without metrics', 0.98),
    against('traces of 1 % cost ≤ 3 %', 'tracing', 'without traces', 0.97, 'traces of 1 %'),
    atMost('traces of 1 %: ≤ 1.03 × the CPU time of the server', 1.03, fact('tracing', 'cpuRatio') ?? Number.NaN),
    against('all traces (reported)', 'tracing', 'without traces', REPORTED, 'all traces'),
    against('one abuser costs the others ≤ 5 %', 'abuser', 'the others alone', 0.95, 'beside an abuser'),
    against('own no-op against a bare Fastify route (reported)', 'one-event-100', 'bare', REPORTED, 'no-op'),
  ];
}

function ratioBetween(subject: Row | undefined, other: Row | undefined, figure: 'rate' | 'p50' | 'p99' = 'rate') {
  return subject && other ? ratioOf(subject, other, figure) : Number.NaN;
}

function atLeast(target: string, floor: number, value: number): Judgement {
  if (!Number.isFinite(value)) return { target, ...NOT_MEASURED };
  return { target, measured: `${ratio(value)} ×`, isReached: Number.isNaN(floor) ? undefined : value >= floor };
}

function atMost(target: string, ceiling: number, value: number): Judgement {
  if (!Number.isFinite(value)) return { target, ...NOT_MEASURED };
  return { target, measured: `${ratio(value)} ×`, isReached: value <= ceiling };
}

function atMostCount(target: string, ceiling: number, value: number | undefined): Judgement {
  if (value === undefined) return { target, ...NOT_MEASURED };
  return { target, measured: String(Math.round(value * 10) / 10), isReached: value <= ceiling };
}

function reported(target: string, value: number | undefined): Judgement {
  if (value === undefined) return { target, ...NOT_MEASURED };
  return { target, measured: String(Math.round(value)), isReached: undefined };
}

/** Near its own ceiling a server can't be asked for a multiple of another one: whichever is lower. */
function lowerOfTwo(seed: number, noOp: number): Judgement {
  const target = 'one event, 100 connections: ≥ 8 × the seed, or ≥ 0.85 × own no-op';
  if (!Number.isFinite(seed) || !Number.isFinite(noOp)) return { target, ...NOT_MEASURED };
  const measured = `${ratio(seed)} × the seed, ${ratio(noOp)} × own no-op`;
  return { target, measured, isReached: seed >= 8 || noOp >= 0.85 };
}

function memory(first: number | undefined, last: number | undefined): Judgement {
  const target = '10⁶ bookings: resident memory after the last tenth and after the first (reported)';
  if (first === undefined || last === undefined) return { target, ...NOT_MEASURED };
  return { target, measured: `${last} and ${first} MB`, isReached: undefined };
}
