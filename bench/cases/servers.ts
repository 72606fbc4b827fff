import type { Bench, Case, Comparison } from '../bench.js';
import type { Contender } from '../contenders/contender.js';
import { compare, type Entrant, warmUp } from '../measure.js';
import { timeRevocation } from '../support/keys.js';
import { startRedis } from '../support/redis.js';
import { spreadOf } from '../support/statistics.js';
import { MANY_EVENTS } from './many-events.js';

const COUNTS = [2, 4] as const;
/** Each of several gets a share of the requests alone, so that it takes them longer to be compiled. */
const WARM_UPS = 5;
const load = { connections: 100 };

/** Several servers that meet at a Redis, each the owner of some events, against one that is alone. */
export const servers: Case = async (bench, name) => {
  const scope = bench.scope.inner();
  try {
    const url = await startRedis(scope);
    if (url === undefined)
      return { name, comparisons: [], facts: {}, notes: ['Not measured: there is no redis-server.'] };
    return { name, ...(await runOn(bench, url)) };
  } finally {
    await bench.fleet.dismiss();
    await scope.close();
  }
};

async function runOn(bench: Bench, redisUrl: string) {
  const contenders = [await bench.fleet.getProcesses(1)];
  for (const count of COUNTS) contenders.push(await bench.fleet.getServers(count, redisUrl));
  for (const contender of contenders) await warmUp(bench, { contender, load, events: { count: 1 } }, WARM_UPS);
  const comparisons: Comparison[] = [];
  let stalls = 0;
  const before = await countAll(contenders);
  for (const [what, count] of [
    ['one event', 1],
    [`${MANY_EVENTS} events`, MANY_EVENTS],
  ] as const) {
    const entrants = contenders.map((contender): Entrant => ({ contender, load, events: { count } }));
    const comparison = await compare(bench, `servers that meet at a Redis, ${what}`, entrants);
    comparisons.push(comparison);
    for (const row of comparison.rows.slice(1)) stalls += row.samples.reduce((sum, sample) => sum + sample.stalls, 0);
  }
  const after = await countAll(contenders);
  const revocations = await timeRevocations(bench, contenders.at(-1), redisUrl);
  const [sold, void_] = (['sold', 'void'] as const).map((figure) => after[figure] - before[figure]);
  return {
    comparisons,
    facts: { stalls, voidPerBooking: (void_ ?? 0) / (sold ?? 1), revocationMs: revocations.median },
    notes: [
      `Requests to several servers that took longer than 1 s: ${stalls}.`,
      `Transactions that another server made void: ${void_ ?? 0}, for ${sold ?? 0} bookings.`,
      `From the revocation of a key until the last of four servers refused it: ${revocations.median.toFixed(0)} ms (median), ` +
        `${revocations.max.toFixed(0)} ms at most.`,
    ],
  };
}

/** Once there is a key, everybody needs one: it comes last. */
async function timeRevocations(bench: Bench, contender: Contender | undefined, redisUrl: string) {
  if (!contender) throw new Error('no servers run');
  const times: number[] = [];
  for (let pair = 0; pair < bench.timing.pairs; pair++) {
    times.push(await timeRevocation(bench.mongo, contender, redisUrl));
  }
  return spreadOf(times);
}

/** What all servers of those with several have sold, and how many of their transactions were lost to another. */
async function countAll(contenders: readonly Contender[]): Promise<{ sold: number; void: number }> {
  const total = { sold: 0, void: 0 };
  for (const url of contenders.filter(({ urls }) => urls.length > 1).flatMap(({ urls }) => urls)) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const read = (series: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(series))
          ?.split(' ')[1] ?? 0,
      );
    total.sold += read('booking_tickets_sold_total ');
    total.void += read('booking_transactions_total{result="conflict"}');
    total.void += read('booking_transactions_total{result="outdated"}');
  }
  return total;
}
