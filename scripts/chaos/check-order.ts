import { CLOCK_TOLERANCE_MS } from './clock.js';
import { groupBy } from './group-by.js';
import {
  attemptsTo,
  type FinalEntry,
  type FinalState,
  type History,
  type Intent,
  type Line,
  looksOf,
  madeIdOf,
  mayHaveDone,
  type WaitIntent,
} from './history.js';
import { span, type Violation } from './violation.js';

/** Somebody who waited for tickets of a pool, for certain and all of the time. */
interface Waiting {
  readonly entry: FinalEntry;
  readonly line: Line;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Tickets of pools that somebody was given, at a moment between two. */
interface Taking {
  readonly who: string;
  readonly lines: readonly Line[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Of an offer. */
  readonly number?: number;
}

/** Whether tickets went to somebody while they fitted somebody who had waited for longer, or to nobody at all. */
export function checkOrder(history: History, final: FinalState): Violation[] {
  const waiting = findWaiting(history, final);
  const byPool = groupBy(waiting, ({ line }) => line.poolId);
  const takings = [...findTakings(history.intents), ...findTakings(history.holds), ...findOffers(final)];
  return [
    ...takings.flatMap((taking) => findOvertaken(taking, byPool)),
    ...waiting.filter(({ toMs }) => toMs === Infinity).flatMap((one) => findInVain(one, final)),
  ];
}

function findWaiting({ waits }: History, { entries, holds }: FinalState): Waiting[] {
  const entryOf = new Map(entries.map((entry) => [entry.userId, entry]));
  const offeredAtMs = new Map(holds.map(({ id, createdAtMs }) => [id, createdAtMs - CLOCK_TOLERANCE_MS]));
  return waits.flatMap((intent) => {
    const entry = entryOf.get(intent.userId);
    const [line] = intent.lines;
    const fromMs = looksOf(intent).find(({ status }) => status === 'waiting')?.endMs;
    if (!entry || !line || fromMs === undefined) return [];
    const toMs = Math.min(offeredAtMs.get(entry.id) ?? Infinity, leftAtMs(intent));
    return [{ entry, line, fromMs, toMs }];
  });
}

/** When it can have been left; never where it was not. */
function leftAtMs(intent: WaitIntent): number {
  return Math.min(...attemptsTo('leave', intent).map(({ startMs }) => startMs), Infinity);
}

/** What everybody could ask for, and was acknowledged. */
function findTakings(intents: readonly Intent[]): Taking[] {
  return intents.flatMap(({ key, lines, attempts }) => {
    const first = attempts.find(mayHaveDone);
    const made = attempts.find(({ answer }) => madeIdOf(answer) !== undefined);
    return first && made ? [{ who: key, lines, fromMs: first.startMs, toMs: made.endMs }] : [];
  });
}

function findOffers({ entries, holds }: FinalState): Taking[] {
  const numberOf = new Map(entries.map(({ id, number }) => [id, number]));
  return holds.flatMap(({ id, userId, lines, createdAtMs }) => {
    const number = numberOf.get(id);
    if (number === undefined) return [];
    return [
      { who: userId, lines, fromMs: createdAtMs - CLOCK_TOLERANCE_MS, toMs: createdAtMs + CLOCK_TOLERANCE_MS, number },
    ];
  });
}

function findOvertaken(taking: Taking, byPool: ReadonlyMap<string, readonly Waiting[]>): Violation[] {
  const { who, lines, fromMs, toMs, number = Infinity } = taking;
  return lines.flatMap(({ poolId, quantity }) =>
    (byPool.get(poolId) ?? [])
      .filter(({ entry, line }) => entry.number < number && line.quantity <= quantity)
      .filter((waiting) => waiting.fromMs < fromMs && toMs < waiting.toMs)
      .map(({ entry, ...waiting }) => ({
        kind: 'overtaken',
        detail:
          `${who} was given ${quantity} of pool ${poolId} within ${span(fromMs, toMs)}, while this one waited ` +
          `${span(waiting.fromMs, waiting.toMs)}: ${JSON.stringify(entry)}`,
      })),
  );
}

/** In the end, whoever waits does not fit into what is available. */
function findInVain({ entry, line }: Waiting, { events }: FinalState): Violation[] {
  const pools = events.flatMap((event) => event.pools);
  const available = pools.find(({ poolId }) => poolId === line.poolId)?.available ?? 0;
  if (available < line.quantity) return [];
  return [{ kind: 'waits_in_vain', detail: `${available} are available: ${JSON.stringify(entry)}` }];
}
