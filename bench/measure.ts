import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Comparison, Sample, Timing } from './bench.js';
import { type Contender, createEvents, isBalanced, type NewEvents, untilSettled } from './contenders/contender.js';
import type { LoadPlan, LoadResult } from './load/plan.js';

const WARM_UP_CONNECTIONS = 50;
const RECOUNTED_EVENTS = 5;
const CROWD = 1_000;
const CROWD_RAMP = 3;
const POLL_MS = 5;
const BATCH_WITHIN_S = 1;

/** One who takes turns: a contender under a load. */
export interface Entrant {
  readonly contender: Contender;
  /** The contender's, where it is left out. */
  readonly label?: string;
  readonly load: Pick<LoadPlan, 'connections'> & Partial<Pick<LoadPlan, 'request' | 'expected' | 'perSecond'>>;
  readonly events: NewEvents;
  /** Done with its events before each measurement. */
  readonly prepare?: (eventIds: readonly string[]) => Promise<void>;
  /** Done before and after the load; gets what the first one returned. */
  readonly around?: () => Promise<() => Promise<void>>;
}

/** What one measurement needs. */
export interface Measuring extends Pick<Bench, 'load' | 'faults'> {
  readonly timing: Pick<Timing, 'warmUpMs' | 'rampMs' | 'measureMs'>;
}

/** Measures everybody once, and again, until each has had so many turns. */
export async function compare(bench: Bench, title: string, entrants: readonly Entrant[]): Promise<Comparison> {
  const samples = entrants.map((): Sample[] => []);
  for (const entrant of entrants) await warmUp(bench, entrant);
  for (let pair = 0; pair < bench.timing.pairs; pair++) {
    for (const [index, entrant] of entrants.entries()) {
      const sample = await measure(bench, entrant);
      samples[index]?.push(sample);
      const what = `${title}, ${labelOf(entrant)}`;
      bench.progress(`${what}: ${Math.round(sample.rate)}/s, p99 ${sample.p99.toFixed(1)} ms`);
    }
  }
  return {
    title,
    rows: entrants.map((entrant, index) => ({ contender: labelOf(entrant), samples: samples[index] ?? [] })),
  };
}

/** Lets a contender be compiled, for so many times the time that it takes one process. */
export async function warmUp(bench: Measuring, entrant: Entrant, times = 1): Promise<void> {
  const load = { ...entrant.load, connections: Math.min(WARM_UP_CONNECTIONS, bench.timing.warmUpMs / 10) };
  await measure(bench, { ...entrant, load }, { rampMs: 0, measureMs: times * bench.timing.warmUpMs });
}

/**
 * Runs the load on fresh events. The rate is that of the rows between two moments of it; that of the answers, where no
 * rows are made, or where callers come at a fixed rate, of whom those count who were served.
 */
export async function measure(
  bench: Measuring,
  entrant: Entrant,
  { rampMs, measureMs }: { rampMs: number; measureMs: number } = bench.timing,
): Promise<Sample> {
  const { contender, load, events, prepare, around } = entrant;
  const eventIds = (await createEvents(contender, events)) ?? [];
  await prepare?.(eventIds);
  const plan = { request: 'book', expected: 201, ...load, urls: contender.urls, key: contender.key, eventIds } as const;
  const after = await around?.();
  const rowsAtStart = await contender.countRows?.();
  await bench.load.begin(plan);
  // Among so many callers the first answers come from a server that was idle.
  await sleep(load.connections >= CROWD ? CROWD_RAMP * rampMs : rampMs);
  bench.load.open();
  const isCountedByRows = contender.countRows && plan.expected === 201 && plan.request !== 'get' && !plan.perSecond;
  const count = isCountedByRows ? rowsAfterBatch : rowsNow;
  const first = await count(contender);
  await sleep(measureMs);
  const last = await count(contender);
  const result = await bench.load.end();
  await after?.();
  await untilSettled(contender);
  const rows = ((await contender.countRows?.()) ?? 0) - (rowsAtStart ?? 0);
  await checkBooks(bench, contender, eventIds, result, rows);
  const rate = isCountedByRows ? (last.rows - first.rows) / (last.at - first.at) : result.answers / result.seconds;
  const { p50, p99, stalls, others, refusedP50 } = result;
  return { rate, p50, p99, stalls, others, ...(refusedP50 !== undefined && { refusedP50 }) };
}

/** The rows there are, and the second at which they were counted. */
export async function rowsNow({ countRows }: Contender): Promise<{ at: number; rows: number }> {
  const before = performance.now();
  const rows = (await countRows?.()) ?? 0;
  return { at: (before + performance.now()) / 2_000, rows };
}

/** The rows there are just after the next batch: a window from batch to batch holds whole ones, however long they take. */
async function rowsAfterBatch(contender: Contender): Promise<{ at: number; rows: number }> {
  const start = await rowsNow(contender);
  let now = start;
  while (now.rows === start.rows && now.at < start.at + BATCH_WITHIN_S) {
    await sleep(POLL_MS);
    now = await rowsNow(contender);
  }
  return now;
}

/** What was acknowledged is there, and the product's own recount says that its books balance. */
export async function checkBooks(
  bench: Pick<Measuring, 'faults'>,
  contender: Contender,
  eventIds: readonly string[],
  { acknowledged }: LoadResult,
  rows: number,
): Promise<void> {
  if (contender.countRows && acknowledged > rows) {
    bench.faults.push(`${contender.name}: ${acknowledged} bookings were acknowledged, and ${rows} are there`);
  }
  if (!contender.isProduct) return;
  for (const eventId of eventIds.slice(0, RECOUNTED_EVENTS)) {
    if (!(await isBalanced(contender, eventId))) bench.faults.push(`event ${eventId} does not balance`);
  }
}

function labelOf({ contender, label }: Entrant): string {
  return label ?? contender.name;
}
