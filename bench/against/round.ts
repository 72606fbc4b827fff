import type { Sample } from '../bench.js';
import { MANY_EVENTS } from '../cases/many-events.js';
import { type Contender, untilSettled } from '../contenders/contender.js';
import { Fleet } from '../contenders/fleet.js';
import { type Entrant, measure, type Measuring, warmUp } from '../measure.js';
import type { HotCaseName } from '../options.js';
import { cpuTime } from '../support/cpu-time.js';
import { startMongo } from '../support/mongo.js';
import type { Scope } from '../support/scope.js';
import type { Build } from './build.js';

/** A measurement with what a booking cost, in microseconds of CPU time. */
export interface HotSample extends Sample {
  readonly serverMicros: number;
  readonly mongodMicros: number;
}

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
    const { pid } = await mongo.client.db('admin').command({ serverStatus: 1 });
    const fleet = new Fleet(scope, { mongo, postgres: undefined }, true);
    const contender = await fleet.getVariant({ ...build, isKeyed: false });
    const samples = new Map<HotCaseName, HotSample>();
    for (const name of cases) {
      const entrant = { contender, load, events: { count: EVENTS[name] } };
      await warmUp(bench, entrant);
      samples.set(name, await measureWithCpu(bench, entrant, Number(pid)));
    }
    return { build, mongodb: mongo.version, samples };
  } finally {
    await scope.close();
  }
}

async function measureWithCpu(bench: Measuring, entrant: Entrant, mongod: number): Promise<HotSample> {
  let [serverMicros, mongodMicros] = [Number.NaN, Number.NaN];
  const around = async () => {
    const before = await spentBy(entrant.contender, mongod);
    return async () => {
      await untilSettled(entrant.contender);
      const after = await spentBy(entrant.contender, mongod);
      const bookings = after.bookings - before.bookings;
      serverMicros = (after.server - before.server) / bookings;
      mongodMicros = (after.mongod - before.mongod) / bookings;
    };
  };
  const sample = await measure(bench, { ...entrant, around });
  return { ...sample, serverMicros, mongodMicros };
}

async function spentBy({ countRows, pids }: Contender, mongod: number) {
  return { bookings: (await countRows?.()) ?? 0, server: cpuTime(pids[0]), mongod: cpuTime(mongod) };
}
