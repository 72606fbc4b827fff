import type { Sample } from '../bench.js';
import { MANY_EVENTS } from '../cases/many-events.js';
import { Fleet } from '../contenders/fleet.js';
import { aroundCost, type Cost, pidOf } from '../cost.js';
import { type Entrant, measure, type Measuring, warmUp } from '../measure.js';
import type { HotCaseName } from '../options.js';
import { startMongo } from '../support/mongo.js';
import type { Scope } from '../support/scope.js';
import type { Build } from './build.js';

/** A measurement with what a booking cost. */
export type HotSample = Sample & Cost;

/** What one build did in one turn. */
export interface Round {
  readonly build: Build;
  readonly mongodb: string;
  readonly samples: ReadonlyMap<HotCaseName, HotSample>;
}

/** What a round works with. */
export interface HotBench extends Measuring {
  readonly scope: Scope;
  readonly mongod: string;
}

const load = { connections: 100 };
const EVENTS: Readonly<Record<HotCaseName, number>> = { 'one-event-100': 1, '500-events': MANY_EVENTS };

/** Measures one build alone, on a server and a database that nothing else has used, and ends both. */
export async function runRound(bench: HotBench, build: Build, cases: readonly HotCaseName[]): Promise<Round> {
  const scope = bench.scope.inner();
  try {
    const mongo = await startMongo(scope, bench.mongod, 1);
    const mongod = await pidOf(mongo);
    const fleet = new Fleet(scope, { mongo, postgres: undefined }, true);
    const contender = await fleet.getVariant({ ...build, isKeyed: false });
    const samples = new Map<HotCaseName, HotSample>();
    for (const name of cases) {
      const entrant = { contender, load, events: { count: EVENTS[name] } };
      await warmUp(bench, entrant);
      samples.set(name, await measureWithCpu(bench, entrant, mongod));
    }
    return { build, mongodb: mongo.version, samples };
  } finally {
    await scope.close();
  }
}

async function measureWithCpu(bench: Measuring, entrant: Entrant, mongod: number): Promise<HotSample> {
  let cost: Cost = { serverMicros: Number.NaN, mongodMicros: Number.NaN };
  const around = aroundCost(entrant.contender, mongod, (found) => (cost = found));
  const sample = await measure(bench, { ...entrant, around });
  return { ...sample, ...cost };
}
