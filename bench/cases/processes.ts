import type { Case, Comparison } from '../bench.js';
import { compare, warmUp } from '../measure.js';
import { MANY_EVENTS } from './many-events.js';

const PROCESSES = 4;
/** Each of several gets a share of the requests alone, so that it takes them longer to be compiled. */
const WARM_UPS = 10;
const load = { connections: 100 };

/** Several servers sell the same events without knowing of each other. */
export const processes: Case = async (bench, name) => {
  const several = await bench.fleet.getProcesses(PROCESSES);
  await warmUp(bench, { contender: several, load, events: { count: 1 } }, WARM_UPS);
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
