import { parseArgs } from 'node:util';
import { toCount } from '../support/to-count.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

export const HELP = `
Usage: npm run chaos -- [--quick] [--rounds 5] [--callers 100] [--seed N] [--scenario NAME]...

Callers book, hold, pay, wait, cancel and repeat themselves on the product while it, or its database, is killed and frozen,
everything on throw-away data. All that they ask and are told is recorded, and compared with what is stored in the end,
when no hold is due any more. It prints a table, and ends with 1 when a promise was broken; then logs and history are kept.
Where it may make network namespaces, it also cuts the network between servers, databases, Redis and RabbitMQ.

--quick      the short form, as CI runs it: the most telling scenarios, with one fault each
--rounds     how many faults each scenario has
--seed       what callers want and when faults happen; it is printed, and another one each time by default
--scenario   only this one, or these:
${SCENARIOS.map(({ name }) => `             ${name}`).join('\n')}
`.trim();

export interface Options {
  readonly isHelp: boolean;
  readonly scenarios: readonly Scenario[];
  /** How many faults each scenario has. */
  readonly rounds: number;
  readonly callers: number;
  readonly seed: number;
}

const SEED_MAX = 2 ** 32 - 1;

/** Throws with a sentence for people when they are not as `HELP` says. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      callers: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * SEED_MAX)) },
      scenario: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = values.rounds ?? (values.quick ? '1' : '5');
  return {
    isHelp: values.help,
    scenarios: values.scenario?.map(findScenario) ?? SCENARIOS.filter(({ isQuick }) => isQuick || !values.quick),
    rounds: toCount('rounds', rounds, 1, 1_000),
    callers: toCount('callers', values.callers, 1, 1_000),
    seed: toCount('seed', values.seed, 0, SEED_MAX),
  };
}

function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found) return found;
  throw new Error(`--scenario must be one of: ${SCENARIOS.map((scenario) => scenario.name).join(', ')}`);
}
