import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case, Sample } from '../bench.js';
import { Fleet } from '../contenders/fleet.js';
import { type Entrant, measure, warmUp } from '../measure.js';
import { type Mongo, type Node, startMongo } from '../support/mongo.js';

const NODES = 3;
const MINUTE_MS = 60_000;
/** Of a member that is behind. */
const DELAY_SECONDS = 5;
/** Within the shortest measurement. */
const STEP_DOWN_AFTER_MS = 800;
const load = { connections: 100 };
const events = { count: 1 };

/** What happens to the replica set, and until it is whole again. */
interface Phase {
  readonly label: string;
  readonly measureMs: number;
  readonly around?: (mongo: Mongo) => Promise<() => Promise<void>>;
}

/** A majority that is as small as it may be, and a primary that goes while bookings wait for it. */
export const writeConcern: Case = async (bench, name) => {
  const scope = bench.scope.inner();
  try {
    const mongo = await startMongo(scope, bench.mongod, NODES);
    const [contender] = await new Fleet(scope, { mongo, postgres: undefined }, true).get(['product']);
    if (!contender) throw new Error('the product does not run');
    await warmUp(bench, { contender, load, events });
    const rows = phases(bench).map((phase) => ({ phase, samples: [] as Sample[] }));
    for (let pair = 0; pair < bench.timing.pairs; pair++) {
      for (const { phase, samples } of rows) {
        const { label, measureMs, around } = phase;
        const entrant: Entrant = { contender, label, load, events, ...(around && { around: () => around(mongo) }) };
        const sample = await measure(bench, entrant, { rampMs: bench.timing.rampMs, measureMs });
        samples.push(sample);
        bench.progress(`${NODES} nodes, ${label}: ${Math.round(sample.rate)}/s, p99 ${sample.p99.toFixed(1)} ms`);
      }
    }
    const title = `a replica set of ${NODES} nodes that is not whole, one event, ${load.connections} connections`;
    const stalls = rows.map(
      ({ phase, samples }) => `${phase.label} ${samples.reduce((sum, sample) => sum + sample.stalls, 0)}`,
    );
    return {
      name,
      comparisons: [{ title, rows: rows.map(({ phase, samples }) => ({ contender: phase.label, samples })) }],
      facts: {},
      notes: [
        `With one secondary stopped, commits wait for the other one; a delayed one applies what is ${DELAY_SECONDS} s old.`,
        `Requests that took longer than 1 s: ${stalls.join(', ')}.`,
        'A primary that steps down: the row includes the election, and everybody who waited for it.',
      ],
    };
  } finally {
    await scope.close();
  }
};

function phases({ timing }: Bench): Phase[] {
  const { measureMs } = timing;
  return [
    { label: 'before', measureMs },
    { label: 'one secondary stopped', measureMs, around: stopOne },
    { label: 'one secondary delayed', measureMs, around: delayOne },
    { label: 'primary steps down each minute', measureMs: Math.min(MINUTE_MS, 12 * measureMs), around: stepDown },
    { label: 'after', measureMs },
  ];
}

async function oneSecondary(mongo: Mongo): Promise<Node> {
  const [secondary] = await mongo.secondaries();
  if (!secondary) throw new Error('there is no secondary');
  return secondary;
}

async function stopOne(mongo: Mongo): Promise<() => Promise<void>> {
  const secondary = await oneSecondary(mongo);
  process.kill(secondary.pid, 'SIGSTOP');
  return () => {
    process.kill(secondary.pid, 'SIGCONT');
    return mongo.untilHealthy();
  };
}

/** It can't become the primary meanwhile. */
async function delayOne(mongo: Mongo): Promise<() => Promise<void>> {
  const secondary = await oneSecondary(mongo);
  await mongo.reconfigure(secondary.host, { priority: 0, secondaryDelaySecs: DELAY_SECONDS });
  return async () => {
    await mongo.reconfigure(secondary.host, { priority: 1, secondaryDelaySecs: 0 });
    await mongo.untilHealthy();
  };
}

/** A while after the load has begun. */
function stepDown(mongo: Mongo): Promise<() => Promise<void>> {
  const stepping = sleep(STEP_DOWN_AFTER_MS).then(() => mongo.stepDown());
  return Promise.resolve(async () => {
    await stepping;
    await mongo.untilHealthy();
  });
}
