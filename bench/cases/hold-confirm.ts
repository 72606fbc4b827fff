import type { Case } from '../bench.js';
import { aroundCost, type Cost, pidOf } from '../cost.js';
import { compare, type Entrant } from '../measure.js';
import { spreadOf } from '../support/statistics.js';

const connections = 100;

/** Everybody holds a ticket of the same event and confirms it at once: what a sale costs that is paid for in between. */
export const holdConfirm: Case = async (bench, name) => {
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  const mongod = await pidOf(bench.mongo);
  const kinds = [
    { label: 'hold and confirm', request: 'hold', costs: [] as Cost[] },
    { label: 'plain booking', request: 'book', costs: [] as Cost[] },
  ] as const;
  const entrants = kinds.map(({ label, request, costs }): Entrant => {
    const around = aroundCost(contender, mongod, (cost) => costs.push(cost));
    return { contender, label, load: { connections, request }, events: { count: 1 }, around };
  });
  const comparison = await compare(bench, `hold and confirm, ${connections} connections`, entrants);
  const words = kinds.map(({ label, costs }) => `${label} ${inWords(costs.slice(-bench.timing.pairs))}`);
  const notes = [`CPU µs of the server and of mongod for a sale (medians): ${words.join(', ')}.`];
  return { name, comparisons: [comparison], facts: {}, notes };
};

function inWords(costs: readonly Cost[]): string {
  const [server, mongod] = (['serverMicros', 'mongodMicros'] as const).map((of) =>
    Math.round(spreadOf(costs.map((cost) => cost[of])).median),
  );
  return `${server} and ${mongod}`;
}
