import { parseArgs } from 'node:util';
import { toCount } from '../scripts/support/to-count.js';

/** In the order in which they run. */
export const CASE_NAMES = [
  'one-event-100',
  'one-event-1',
  'one-event-20',
  'one-event-1000',
  '500-events',
  'sold-out',
  'get-event',
  'feed',
  'shop',
  'hold-confirm',
  'hold-rush',
  'hold-expiry',
  'waitlist-storm',
  'live',
  'console',
  'processes-4',
  'servers',
  'queue',
  'three-nodes',
  'write-concern',
  'overload',
  'rate-limits',
  'metrics',
  'tracing',
  'abuser',
  'million',
] as const;
export type CaseName = (typeof CASE_NAMES)[number];

/** The hot path: what `--against` measures. */
export const HOT_CASE_NAMES = ['one-event-100', '500-events'] as const satisfies readonly CaseName[];
export type HotCaseName = (typeof HOT_CASE_NAMES)[number];

export interface Options {
  readonly isQuick: boolean;
  readonly cases: readonly CaseName[];
  /** The commit to compare this build with. Undefined: the product is compared with the baselines. */
  readonly against: string | undefined;
  /** Those of `cases` that are measured against a commit. */
  readonly hotCases: readonly HotCaseName[];
  readonly pairs: number | undefined;
  readonly bookings: number | undefined;
  readonly isHelp: boolean;
}

export const HELP = `
Usage: npm run bench -- [--quick] [--case NAME]… [--pairs N] [--bookings N]
       npm run bench -- --against COMMIT [--quick] [--case NAME]… [--pairs N]

Compares the product with what could have been written instead, in turns, and prints a table. A whole run takes about
an hour and writes docs/benchmarks/; with --quick (3 minutes at most) or --case it writes nothing.

With --against it compares this folder's build with that of a commit: bookings a second and CPU time for a booking, in
seven pairs (8 minutes; with --quick in two short ones), for ${HOT_CASE_NAMES.join(' and ')}.

  --case      one of ${CASE_NAMES.join(', ')}
  --pairs     how often everybody has a turn in each case (5; quick: 1)
  --bookings  how many the case "million" makes (1000000; quick: 20000)
`.trim();

/** Throws an error that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true, default: [] },
      pairs: { type: 'string' },
      bookings: { type: 'string' },
      against: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const cases = values.case.map(toCaseName);
  if (values.against !== undefined) checkHotCases(cases);
  return {
    isQuick: values.quick,
    cases: CASE_NAMES.filter((name) => cases.length === 0 || cases.includes(name)),
    against: values.against,
    hotCases: HOT_CASE_NAMES.filter((name) => cases.length === 0 || cases.includes(name)),
    pairs: toOptional('pairs', values.pairs, 1, 50),
    bookings: toOptional('bookings', values.bookings, 1_000, 10_000_000),
    isHelp: values.help,
  };
}

function toCaseName(text: string): CaseName {
  const name = CASE_NAMES.find((candidate) => candidate === text);
  if (name === undefined) throw new Error(`There is no case "${text}": the cases are ${CASE_NAMES.join(', ')}`);
  return name;
}

function checkHotCases(cases: readonly CaseName[]): void {
  const stray = cases.find((name) => !HOT_CASE_NAMES.some((hot) => hot === name));
  if (stray === undefined) return;
  throw new Error(`--against does not measure "${stray}": its cases are ${HOT_CASE_NAMES.join(' and ')}`);
}

function toOptional(name: string, text: string | undefined, min: number, max: number): number | undefined {
  return text === undefined ? undefined : toCount(name, text, min, max);
}
