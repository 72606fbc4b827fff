import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case, Row } from '../bench.js';
import { type Contender, createEvents, untilSettled } from '../contenders/contender.js';
import { residentMemory } from '../support/resident-memory.js';
import { checkBooks, rowsNow, warmUp } from '../measure.js';

const connections = 100;
const TENTHS = 10;
const POLL_MS = 100;

/** So many rows since the start, after so many seconds; and the server's resident memory then, in MB. */
interface Moment {
  readonly at: number;
  readonly rows: number;
  readonly memory: number;
}

/** Whether a server slows down, or grows, with what it has sold. */
export const million: Case = async (bench, name) => {
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  await warmUp(bench, { contender, load: { connections }, events: { count: 1 } });
  const moments = await sell(bench, contender);
  const ends = Array.from({ length: TENTHS + 1 }, (_, tenth) => momentAt(moments, tenth / TENTHS));
  const rates = ends
    .slice(1)
    .map((end, tenth) => (end.rows - (ends[tenth]?.rows ?? 0)) / (end.at - (ends[tenth]?.at ?? 0)));
  const rows = moments.at(-1)?.rows ?? 0;
  const isCutShort = rows < bench.timing.bookings;
  const memory = ends.map((end) => Math.round(end.memory));
  return {
    name,
    comparisons: [
      {
        title: `${rows.toLocaleString('en')} bookings on one event, ${connections} connections`,
        rows: [toRow('last tenth', rates.at(-1)), toRow('first tenth', rates[0])],
      },
    ],
    facts: { memoryFirst: memory[1] ?? Number.NaN, memoryLast: memory.at(-1) ?? Number.NaN },
    notes: [
      `Bookings a second in each tenth: ${rates.map((rate) => Math.round(rate)).join(', ')}.`,
      `The server's resident memory, at the start and after each tenth: ${memory.join(', ')} MB.`,
      ...(isCutShort ? [`It was ended after ${bench.timing.millionMs / 60_000} minutes, before all were made.`] : []),
    ],
  };
};

async function sell(bench: Bench, contender: Contender): Promise<Moment[]> {
  const eventIds = (await createEvents(contender, { count: 1 })) ?? [];
  const start = await rowsNow(contender);
  const moments: Moment[] = [{ at: 0, rows: 0, memory: residentMemory(contender.pids[0]) }];
  const { bookings, millionMs } = bench.timing;
  await bench.load.begin({ urls: contender.urls, connections, request: 'book', eventIds, expected: 201 });
  for (let last = moments[0]; last && last.rows < bookings && last.at * 1_000 < millionMs;) {
    await sleep(POLL_MS);
    const now = await rowsNow(contender);
    last = { at: now.at - start.at, rows: now.rows - start.rows, memory: residentMemory(contender.pids[0]) };
    moments.push(last);
    if (moments.length % 300 === 0) bench.progress(`${last.rows} bookings after ${Math.round(last.at)} s`);
  }
  const result = await bench.load.end();
  await untilSettled(contender);
  await checkBooks(bench, contender, eventIds, result, (await rowsNow(contender)).rows - start.rows);
  return moments;
}

/** When that share of the rows was there, between two of the moments that were looked at. */
function momentAt(moments: readonly Moment[], share: number): Moment {
  const rows = share * (moments.at(-1)?.rows ?? 0);
  const index = Math.max(
    1,
    moments.findIndex((moment) => moment.rows >= rows),
  );
  const [before, after] = [moments[index - 1], moments[index]];
  if (!before || !after) return { at: Number.NaN, rows, memory: Number.NaN };
  const part = (rows - before.rows) / Math.max(1, after.rows - before.rows);
  return { at: before.at + part * (after.at - before.at), rows, memory: after.memory };
}

function toRow(contender: string, rate = Number.NaN): Row {
  return { contender, samples: [{ rate, p50: Number.NaN, p99: Number.NaN, stalls: 0, others: {} }] };
}
