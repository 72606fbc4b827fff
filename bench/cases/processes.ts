import type { Case, Comparison } from '../bench.js';
import { compare } from '../measure.js';
import { MANY_EVENTS } from './many-events.js';

const PROCESSES = 4;
const load = { connections: 100 };

/** Several servers sell the same events without knowing of each other. */
export const processes: Case = async (bench, name) => {
  const several = await bench.fleet.getProcesses(PROCESSES);
  const alone = await bench.fleet.getProcesses(1);
  const comparisons: Comparison[] = [];
  let stalls = 0;
  for (const [what, count] of [
    ['one event', 1],
    [`${MANY_EVENTS} events`, MANY_EVENTS],
  ] as const) {
    const entrants = [several, alone].map((contender) => ({ contender, load, events: { count } }));
    const comparison = await compare(bench, `${PROCESSES} processes, ${what}`, entrants);
    comparisons.push(comparison);
    stalls += comparison.rows[0]?.samples.reduce((sum, sample) => sum + sample.stalls, 0) ?? 0;
  }
  return {
    name,
    comparisons,
    facts: { stalls },
    notes: [`Requests to the ${PROCESSES} processes that took longer than 1 s: ${stalls}.`],
  };
};
