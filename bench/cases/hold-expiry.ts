import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case, Sample } from '../bench.js';
import { type Contender, createEvents, getEvent, isBalanced } from '../contenders/contender.js';
import { LoadGenerator } from '../load/load-generator.js';
import { makeHolds } from '../load/make-holds.js';
import { type Entrant, measure, warmUp } from '../measure.js';
import { spreadOf } from '../support/statistics.js';

const OTHER_EVENTS = 50;
/** Of the peak: for the event of the holds, and for all others together. */
const SHARE = 0.15;
const MAKERS = 100;
const TRIAL_HOLDS = 2_000;
/** However slow the machine becomes, the holds are there in time. */
const SLOWER = 2;
const SECOND_MS = 1_000;
const CONNECTIONS_MAX = 2_000;
const HELD_AT_MOST_MS = 30_000;
const POLL_MS = 50;

interface Loads {
  readonly ofEvent: LoadGenerator;
  readonly ofOthers: LoadGenerator;
  readonly perSecond: number;
}

/** Callers at the event, and at others, in the same span. */
interface Span {
  readonly event: Sample;
  readonly others: Sample;
}

interface Round {
  readonly quiet: Span;
  readonly ending: Span;
  /** From the end of the last hold until no ticket was held. Undefined where that was not seen. */
  readonly lateMs: number | undefined;
}

/** Very many holds of one event end in the same second. What do buyers there notice, and those at other events? */
export const holdExpiry: Case = async (bench, name) => {
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  const atPeak: Entrant = { contender, load: { connections: 100 }, events: { count: 1 } };
  await warmUp(bench, atPeak);
  const { rate: peak } = await measure(bench, atPeak);
  const loads: Loads = {
    ofEvent: bench.load,
    ofOthers: LoadGenerator.start(bench.scope),
    perSecond: Math.round(SHARE * peak),
  };
  let makingMs = await timeToMake(bench, contender);
  const rounds: Round[] = [];
  for (let pair = 0; pair < bench.timing.pairs; pair++) {
    const startedAt = Date.now();
    rounds.push(await runRound(bench, contender, loads, makingMs, () => (makingMs = Date.now() - startedAt)));
  }
  const holds = `${bench.timing.endingHolds.toLocaleString('en')} holds`;
  const rows = (of: keyof Span) => [
    { contender: 'while they end', samples: rounds.map(({ ending }) => ending[of]) },
    { contender: 'before they end', samples: rounds.map(({ quiet }) => quiet[of]) },
  ];
  const unanswered = rounds.flatMap(({ ending }) => [ending.event, ending.others]).map(countUnanswered);
  const late = spreadOf(rounds.map(({ lateMs = Number.NaN }) => lateMs));
  return {
    name,
    comparisons: [
      { title: `other events, and ${holds} of one event that end in the same second`, rows: rows('others') },
      { title: `the event of these ${holds}`, rows: rows('event') },
    ],
    facts: { unanswered: unanswered.reduce((sum, count) => sum + count, 0) },
    notes: [
      `From the end of the last hold until all tickets were available: ${late.median.toFixed(0)} ms (median), ` +
        `${late.max.toFixed(0)} ms at most.`,
    ],
  };
};

/** How long it takes to make all of the holds, guessed from a few of them. */
async function timeToMake(bench: Bench, contender: Contender): Promise<number> {
  const [eventId = ''] = (await createEvents(contender, { count: 1 })) ?? [];
  const { endingHolds: count } = bench.timing;
  const trial = Math.min(TRIAL_HOLDS, count);
  const startedAt = Date.now();
  await makeHolds({ ...target(contender, eventId), count: trial, endBy: startedAt + 3_600 * SECOND_MS });
  return ((Date.now() - startedAt) * count) / trial;
}

async function runRound(
  bench: Bench,
  contender: Contender,
  loads: Loads,
  makingMs: number,
  onMade: () => void,
): Promise<Round> {
  const { endingHolds: count, rampMs, measureMs } = bench.timing;
  const [eventId = '', ...others] = (await createEvents(contender, { count: 1 + OTHER_EVENTS })) ?? [];
  const endBy = Date.now() + SLOWER * makingMs + 2 * (rampMs + measureMs) + 2 * SECOND_MS;
  const made = await makeHolds({ ...target(contender, eventId), count, endBy });
  onMade();
  if (made < count || Date.now() > endBy - 2 * SECOND_MS - 2 * rampMs - measureMs) {
    throw new Error(`the machine is too slow: only ${made} holds were made in time`);
  }
  const quiet = await measureSpan(bench, contender, loads, [eventId], others);
  await sleep(Math.max(0, endBy - SECOND_MS - rampMs - Date.now()));
  const available = untilNoneIsHeld(contender, eventId, endBy);
  const ending = await measureSpan(bench, contender, loads, [eventId], others);
  const lateMs = await available;
  if (lateMs === undefined) bench.faults.push(`event ${eventId}: tickets are still held when all holds have ended`);
  if (!(await isBalanced(contender, eventId))) bench.faults.push(`event ${eventId} does not balance`);
  bench.progress(
    `${count} holds end: p99 of other events ${ending.others.p99.toFixed(1)} ms, before ${quiet.others.p99.toFixed(1)} ms; ` +
      `of the event ${ending.event.p99.toFixed(1)} ms, before ${quiet.event.p99.toFixed(1)} ms; all available after ${lateMs} ms`,
  );
  return { quiet, ending, lateMs };
}

/** How long after `endBy` the event shows that no ticket is held, in milliseconds; undefined where it does not in time. */
async function untilNoneIsHeld(contender: Contender, eventId: string, endBy: number): Promise<number | undefined> {
  await sleep(Math.max(0, endBy - Date.now()));
  while (Date.now() < endBy + HELD_AT_MOST_MS) {
    if ((await getEvent(contender, eventId)).heldTickets === 0) return Date.now() - endBy;
    await sleep(POLL_MS);
  }
  return undefined;
}

function target({ urls }: Contender, eventId: string) {
  return { url: urls[0] ?? '', connections: MAKERS, eventId };
}

/** Bookings at a fixed rate, of the event and of the others. */
async function measureSpan(
  { timing }: Bench,
  { urls }: Contender,
  { ofEvent, ofOthers, perSecond }: Loads,
  eventIds: readonly string[],
  otherIds: readonly string[],
): Promise<Span> {
  const plan = { urls, connections: CONNECTIONS_MAX, perSecond, request: 'book', expected: 201 } as const;
  await Promise.all([ofEvent.begin({ ...plan, eventIds }), ofOthers.begin({ ...plan, eventIds: otherIds })]);
  await sleep(timing.rampMs);
  ofEvent.open();
  ofOthers.open();
  await sleep(timing.measureMs);
  const [event, others] = await Promise.all([ofEvent.end(), ofOthers.end()]);
  return { event: toSample(event), others: toSample(others) };
}

function toSample({ answers, seconds, ...rest }: Awaited<ReturnType<LoadGenerator['end']>>): Sample {
  return { ...rest, rate: answers / seconds };
}

/** Requests that were not answered with a booking, or only after more than a second. */
function countUnanswered({ stalls, others }: Sample): number {
  return Object.values(others).reduce((sum, count) => sum + count, stalls);
}
