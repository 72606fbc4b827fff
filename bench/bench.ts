import type { CaseName, Options } from './options.js';
import type { Fleet } from './contenders/fleet.js';
import type { LoadGenerator } from './load/load-generator.js';
import type { Mongo } from './support/mongo.js';
import type { Scope } from './support/scope.js';

/** How long things are done. */
export interface Timing {
  readonly pairs: number;
  /** Before a contender's first measurement, at WARM_UP_CONNECTIONS. */
  readonly warmUpMs: number;
  /** Before each measurement, under its own load. */
  readonly rampMs: number;
  readonly measureMs: number;
  readonly bookings: number;
  /** The longest that the million may take. */
  readonly millionMs: number;
  readonly rushTickets: number;
  /** How many holds end in the same second. */
  readonly endingHolds: number;
  /** How many wait in the long waitlist, and how many bookings its big storm cancels. */
  readonly waiting: number;
  readonly stormCancellations: number;
  /** How many requests are put into a queue at once. */
  readonly queued: number;
  /** So long after the start, what has not been measured is left out. */
  readonly limitMs: number;
}

const MINUTE_MS = 60_000;

export function timingOf({ isQuick, pairs, bookings }: Options): Timing {
  return isQuick
    ? {
        pairs: pairs ?? 1,
        warmUpMs: 600,
        rampMs: 300,
        measureMs: 1_000,
        bookings: bookings ?? 20_000,
        millionMs: 10_000,
        rushTickets: 500,
        endingHolds: 1_000,
        waiting: 10_000,
        stormCancellations: 500,
        queued: 5_000,
        limitMs: 2.75 * MINUTE_MS,
      }
    : {
        pairs: pairs ?? 5,
        warmUpMs: 6_000,
        rampMs: 1_000,
        measureMs: 5_000,
        bookings: bookings ?? 1_000_000,
        millionMs: 10 * MINUTE_MS,
        rushTickets: 5_000,
        endingHolds: 10_000,
        waiting: 100_000,
        stormCancellations: 2_000,
        queued: 100_000,
        limitMs: 90 * MINUTE_MS,
      };
}

/** What a case works with. */
export interface Bench {
  readonly scope: Scope;
  readonly fleet: Fleet;
  readonly mongo: Mongo;
  readonly mongod: string;
  readonly load: LoadGenerator;
  readonly timing: Timing;
  /** What must not be: books that do not balance, acknowledged bookings that are not there. Fails the run. */
  readonly faults: string[];
  readonly progress: (line: string) => void;
}

/** One measurement. Milliseconds; NaN where nobody was answered as expected. */
export interface Sample {
  /** A second. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** Of those that were turned away with 503. */
  readonly refusedP50?: number;
  readonly stalls: number;
  readonly others: Readonly<Record<string, number>>;
}

export interface Row {
  readonly contender: string;
  /** One for each round. */
  readonly samples: readonly Sample[];
}

/** What was compared in turns. The first row is what the others are compared with. */
export interface Comparison {
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface CaseResult {
  readonly name: CaseName;
  readonly comparisons: readonly Comparison[];
  /** What was counted beside, by name. */
  readonly facts: Readonly<Record<string, number>>;
  /** Sentences for the reader. */
  readonly notes: readonly string[];
}

export type Case = (bench: Bench, name: CaseName) => Promise<CaseResult>;
